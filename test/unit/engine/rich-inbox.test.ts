import { describe, expect, it } from 'vitest';
import type { Chat, TextEntity } from '../../../src/connector-api/index.ts';
import { parseEvent } from '../../../src/engine/parse-event.ts';
import { EngineFixture, GUEST } from '../../support/engine-fixture.ts';

const chat: Chat = { kind: 'direct', addresses: [GUEST] };
const bold: TextEntity = { type: 'bold', offset: 0, length: 2 };
const beyond: TextEntity = { type: 'italic', offset: 2, length: 30 };
const file = { kind: 'image', status: 'unavailable', mimeType: 'image/png', reason: 'gone' } as const;

describe('what networks tell beyond plain messages', () => {
  it('keeps formatting that lies in its text, and loses no message over what does not', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const entities = [bold, beyond];
    const contents = [
      { type: 'text', body: 'Hello', entities },
      { type: 'media', body: 'Hello', entities, attachments: [file] },
      { type: 'media', entities, attachments: [file] },
    ] as const;
    for (const [index, content] of contents.entries()) {
      await line.emit({ type: 'message', message: fixture.inbound({ networkId: `IN-${index}`, content }) });
    }
    const target = { networkId: 'IN-0', sender: GUEST };
    await line.emit({ type: 'edited', chat, target, body: 'Hi', entities, at: fixture.clock.now() });
    const { data } = await fixture.store.listEvents({ property: null, types: ['message.*'], limit: 10 });
    expect(data.map(({ data: { message } }) => message?.entities)).toEqual([[bold], [bold], [], [bold]]);
    expect(data.at(-1)).toMatchObject({ type: 'message.edited', data: { message: { body: 'Hi' } } });
  });

  it('keeps a press, an album and a forward', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const asked = await fixture.accept({ body: 'Taxi?' });
    const { channelMessageId } = await fixture.untilStatus(asked.id, 'sent');
    const content = { type: 'button', buttonId: 'yes', label: 'Yes, please' } as const;
    const replyTo = { networkId: channelMessageId ?? '' };
    await line.emit({ type: 'message', message: fixture.inbound({ networkId: 'PRESS-1', content, replyTo }) });
    const forwarded = fixture.inbound({ networkId: 'IN-2', forwarded: true, albumId: 'a-1' });
    await line.emit({ type: 'message', message: forwarded });
    const { data } = await fixture.store.listEvents({ property: null, types: ['message.received'], limit: 10 });
    expect(data.map((event) => event.data.message)).toMatchObject([
      { type: 'button', body: 'Yes, please', button: { id: 'yes' }, replyTo: asked.id, forwarded: false },
      { type: 'text', albumId: 'a-1', forwarded: true },
    ]);
    expect(fixture.telemetry.count('inbound:button:stored')).toBe(1);
  });

  it('counts the votes in a poll of the hotel', async () => {
    const poll = { question: 'Pool?', options: ['yes', 'no'], multiple: false };
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const content = { type: 'poll', poll } as const;
    await line.emit({ type: 'message', message: fixture.inbound({ direction: 'outbound', content }) });
    const vote = async (options: readonly number[]) => {
      const at = fixture.clock.now();
      const by = { addresses: [GUEST] } as const;
      const target = { networkId: 'IN-1' };
      await line.emit({ type: 'poll_vote', chat, target, by, fromAccount: false, options, at });
    };
    await vote([1]);
    await vote([]);
    const { data } = await fixture.store.listEvents({ property: null, types: ['message.poll_vote'], limit: 10 });
    expect(data.map((event) => event.data.message?.poll?.votes)).toMatchObject([[{ by: GUEST, options: [1] }], []]);
  });

  it.each([
    ['a stretch without a length', { type: 'text', body: 'x', entities: [{ type: 'bold', offset: 0, length: 0 }] }],
    ['a stretch of no kind', { type: 'text', body: 'x', entities: [{ type: 'blink', offset: 0, length: 1 }] }],
    ['a button without an id', { type: 'button', label: 'Yes' }],
  ])('refuses from a connector: %s', (_name, content) => {
    const sender = { addresses: [GUEST] };
    const message = { networkId: '1', chat, sender, direction: 'inbound', content, sentAt: 1 };
    expect(() => parseEvent({ type: 'message', message })).toThrow('breaks its contract');
  });
});
