import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../src/engine/model/message.ts';
import { admin, EngineFixture } from '../../../support/engine-fixture.ts';
import type { FakeLine } from '../../../support/fake-host.ts';
import { limitless } from '../../../support/limitless.ts';
import { ask, guest } from '../../../support/paced-guests.ts';
import { HOUR, MINUTE, plainRules, SECOND } from '../../../support/pacing-town.ts';

const limits = limitless.limits;
const TEXT = 'Pool party!';

/** Two guests have had the text, the message to the third is held. */
async function withHeld(): Promise<{ fixture: EngineFixture; line: FakeLine; held: Message }> {
  const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, sameTextPerHour: 2 }) });
  const line = await fixture.online();
  const all: Message[] = [];
  for (let index = 0; index < 3; index += 1) all.push(await fixture.accept({ to: guest(index), body: TEXT }));
  const id = all[2]?.id ?? '';
  await fixture.until(() => line.count('send') === 2, HOUR, SECOND);
  expect((await fixture.message(id)).heldBy?.rule).toBe('same_text');
  return { fixture, line, held: await fixture.message(id) };
}

async function goes(fixture: EngineFixture, id: string, status: Message['status']): Promise<void> {
  await fixture.until(async () => (await fixture.message(id)).status === status, 2 * HOUR, 2 * SECOND);
}

describe('a message that is held for a person', () => {
  it('stays held when its guest turns out to be another who is known, and then goes to the right place once', async () => {
    const { fixture, line, held } = await withHeld();
    await ask(fixture, line, 9);
    const [known] = (await fixture.store.listGuests({ property: null, q: guest(9) }, { limit: 1 })).data;
    await fixture.store.mergeGuests(known?.id ?? '', held.guestId ?? '', null, fixture.clock.now());
    const sent = line.count('send');
    await fixture.clock.advance(5 * MINUTE);
    expect(await fixture.message(held.id)).toMatchObject({ status: 'queued', heldBy: { rule: 'same_text' } });
    await fixture.engine.api.messages.release(admin, held.id);
    await goes(fixture, held.id, 'sent');
    expect(line.count('send')).toBe(sent + 1);
  });

  it('is cancelled with the rest when its guest asks for no more, also under another name', async () => {
    const { fixture, line, held } = await withHeld();
    await ask(fixture, line, 9);
    const chat = { kind: 'direct', addresses: [guest(9)] } as const;
    const content = { type: 'text', body: 'STOP' } as const;
    await line.emit({ type: 'message', message: fixture.inbound({ networkId: 'S', chat, sender: chat, content }) });
    const [silent] = (await fixture.store.listGuests({ property: null, q: guest(9) }, { limit: 1 })).data;
    await fixture.store.mergeGuests(silent?.id ?? '', held.guestId ?? '', null, fixture.clock.now());
    expect(await fixture.message(held.id)).toMatchObject({ status: 'cancelled', error: { code: 'opted_out' } });
    await expect(fixture.engine.api.messages.release(admin, held.id)).rejects.toMatchObject({
      code: 'message_not_queued',
    });
  });

  it('can be taken back, and lets those behind it in the conversation pass', async () => {
    const { fixture, held } = await withHeld();
    const next = await fixture.accept({ to: guest(2), body: 'Your taxi is here.', purpose: 'service' });
    await goes(fixture, next.id, 'sent');
    expect((await fixture.engine.api.messages.delete(admin, held.id)).status).toBe('cancelled');
  });

  it('is held over a restart, however long it lasts', async () => {
    const { fixture, held } = await withHeld();
    await fixture.crashAndRestart();
    await fixture.clock.advance(2 * HOUR);
    await fixture.clock.advance(10 * SECOND);
    expect(await fixture.message(held.id)).toMatchObject({ status: 'queued', heldBy: { rule: 'same_text' } });
  });

  it('ends at its time when nobody has let it go', async () => {
    const fixture = await EngineFixture.open({ pacing: plainRules({ ...limits, sameTextPerHour: 1 }) });
    const line = await fixture.online();
    await fixture.accept({ to: guest(0), body: TEXT });
    await fixture.until(() => line.count('send') === 1, HOUR, SECOND);
    const expiresAt = fixture.clock.now() + HOUR;
    const { id } = await fixture.accept({ to: guest(1), body: TEXT, expiresAt });
    await goes(fixture, id, 'expired');
  });
});
