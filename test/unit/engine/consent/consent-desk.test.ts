import { describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../../src/connector-api/index.ts';
import { BellhopError } from '../../../../src/core/errors.ts';
import type { MessageRequest } from '../../../../src/engine/engine-api.ts';
import type { Message } from '../../../../src/engine/model/message.ts';
import { EngineFixture, GUEST } from '../../../support/engine-fixture.ts';

let count = 0;

function says(fixture: EngineFixture, body: string): ConnectorEvent {
  count += 1;
  return {
    type: 'message',
    message: { ...fixture.inbound(), networkId: `K${count}`, content: { type: 'text', body } },
  };
}

async function answers(fixture: EngineFixture): Promise<readonly (string | null)[]> {
  const { data } = await fixture.store.listEvents({ property: null, limit: 200 });
  return data.flatMap(({ type, data: { message } }) =>
    type === 'message.queued' && message !== undefined ? [message.body] : [],
  );
}

async function refusal(fixture: EngineFixture, request: Partial<MessageRequest>): Promise<string> {
  try {
    const { status }: Message = await fixture.accept({ channel: 'fake', to: GUEST, body: 'Hello', ...request });
    return status;
  } catch (error) {
    if (error instanceof BellhopError) return error.code;
    throw error;
  }
}

describe('a guest writes STOP', () => {
  it('is told so once, in his language, and then there is silence', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit(says(fixture, 'Guten Tag'));
    const [guest] = (await fixture.store.listGuests({ property: null }, { limit: 1 })).data;
    await fixture.store.updateGuest(guest?.id ?? '', { language: 'de-AT' }, null, fixture.clock.now());
    await line.emit(says(fixture, 'Stop!'));
    await line.emit(says(fixture, 'STOP'));
    expect(await answers(fixture)).toEqual([expect.stringMatching(/^Sie erhalten keine Nachrichten mehr .* START\.$/)]);
  });

  it('gets no message after it, but the answer to what he asks later', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit(says(fixture, 'STOP'));
    for (const purpose of ['reply', 'service', 'scheduled', 'promotional', 'safety'] as const)
      expect([purpose, await refusal(fixture, { purpose })]).toEqual([purpose, 'opted_out']);
    await fixture.clock.advance(60_000);
    await line.emit(says(fixture, 'When is breakfast?'));
    expect(await refusal(fixture, {})).not.toBe('opted_out');
    expect(await refusal(fixture, { purpose: 'service' })).toBe('opted_out');
  });

  it('hears from the hotel again after START', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit(says(fixture, 'STOP'));
    await line.emit(says(fixture, 'start'));
    expect((await answers(fixture)).at(-1)).toMatch(/^Thank you/);
    expect(await refusal(fixture, { purpose: 'promotional' })).not.toBe('opted_out');
  });
});

describe('a guest writes a word that may mean the booking', () => {
  it('is asked, and goes on getting messages', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit(says(fixture, 'Cancel'));
    expect(await answers(fixture)).toEqual([expect.stringMatching(/booking or our messages\?.*STOP/)]);
    expect(await refusal(fixture, { purpose: 'service' })).not.toBe('opted_out');
  });

  it('is not asked again when the network delivers the word twice', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const event = says(fixture, 'Cancel');
    await line.emit(event);
    await line.emit(event);
    expect(await answers(fixture)).toHaveLength(1);
  });
});

it('takes a keyword in a group for a word among many', async () => {
  const fixture = await EngineFixture.open();
  const line = await fixture.online();
  const event = says(fixture, 'STOP');
  if (event.type !== 'message') throw new Error('a message');
  const chat = { kind: 'group', addresses: ['group:1'] } as const;
  await line.emit({ ...event, message: { ...event.message, chat } });
  expect(await answers(fixture)).toEqual([]);
  expect(await fixture.eventTypes()).not.toContain('guest.opted_out');
});

describe('what is refused whatever the configuration says', () => {
  it('a text with something invisible in it, with the place', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    await line.emit(says(fixture, 'Hi'));
    const sending = fixture.accept({ channel: 'fake', to: GUEST, body: 'Your ro\u200bom' });
    await expect(sending).rejects.toMatchObject({ code: 'text_disguised', detail: expect.stringContaining('place 7') });
  });
});
