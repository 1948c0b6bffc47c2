import { describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../../src/connector-api/index.ts';
import { BellhopError } from '../../../../src/core/errors.ts';
import type { MessageRequest } from '../../../../src/engine/engine-api.ts';
import { defaultLimits } from '../../../../src/engine/pacing/limits.ts';
import { admin, BASIS, EngineFixture, GUEST, testManifest } from '../../../support/engine-fixture.ts';
import type { FakeLine } from '../../../support/fake-host.ts';
import { limitless } from '../../../support/limitless.ts';

const GUESTS = ['+15550100001', '+15550100002', '+15550100003'] as const;
const FLYER = 'Half price in our spa, today only!';

let count = 0;

function says(fixture: EngineFixture, body: string): ConnectorEvent {
  count += 1;
  const message = { ...fixture.inbound(), networkId: `W${count}`, content: { type: 'text', body } as const };
  return { type: 'message', message };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    if (error instanceof BellhopError) return error.code;
    throw error;
  }
}

/** A guest who was written to and has then asked for no more. */
async function withStopped(): Promise<{ fixture: EngineFixture; line: FakeLine; id: string }> {
  const fixture = await EngineFixture.open();
  const line = await fixture.online();
  const { id } = await fixture.accept();
  await fixture.untilStatus(id, 'sent');
  await line.emit(says(fixture, 'STOP'));
  await fixture.clock.advance(10_000);
  return { fixture, line, id };
}

describe('who has asked for no more messages', () => {
  it('gets no other words by an edit and no reaction, but one can be taken back', async () => {
    const { fixture, line, id } = await withStopped();
    const { messages } = fixture.engine.api;
    expect(await codeOf(messages.edit(admin, id, FLYER))).toBe('opted_out');
    expect(await codeOf(messages.react(admin, id, '🎉'))).toBe('opted_out');
    expect(line.calls.map(({ operation }) => operation)).not.toContain('edit');
    expect(await codeOf(messages.react(admin, id, ''))).toBe('accepted');
  });

  it('gets both in a talk that the guest goes on with', async () => {
    const { fixture, line, id } = await withStopped();
    await line.emit(says(fixture, 'Is the pool open?'));
    const { messages } = fixture.engine.api;
    expect(await codeOf(messages.react(admin, id, '👍🏽'))).toBe('accepted');
    expect(await codeOf(messages.edit(admin, id, 'Room 12 is ready.'))).toBe('accepted');
  });
});

describe('texts of which nobody thinks', () => {
  const everything = testManifest('fake', { poll: true, contacts: true, maxButtons: 3 });
  const hidden = 'Sp\u200ba';
  it.each<[string, MessageRequest]>([
    ['poll.question', { poll: { question: hidden, options: ['a', 'b'], multiple: false } }],
    ['poll.options[1]', { poll: { question: 'When?', options: ['a', hidden], multiple: false } }],
    ['location.name', { location: { latitude: 1, longitude: 2, name: hidden } }],
    ['contacts[0].name', { contacts: [{ name: hidden, phones: [GUEST] }] }],
    ['buttons[0].label', { body: 'Spa?', buttons: [{ id: 'a', label: hidden }] }],
  ])('%s must be honest, too', async (pointer, request) => {
    const fixture = await EngineFixture.open({ manifests: [everything] });
    await fixture.online();
    const sending = fixture.engine.api.messages.accept(admin, { channel: 'fake', to: GUEST, basis: BASIS, ...request });
    await expect(sending).rejects.toMatchObject({ code: 'text_disguised', pointer });
  });

  it('an edit must be honest, and names what nobody sees', async () => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    await expect(fixture.engine.api.messages.edit(admin, id, hidden)).rejects.toMatchObject({
      code: 'text_disguised',
      detail: expect.stringContaining('U+200B'),
    });
  });

  it.each(['Call us: +49 30 1', '🎉 Spa', '12', '☎️4930', ' '])('a reaction carries no words: %j', async (emoji) => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    expect(await codeOf(fixture.engine.api.messages.react(admin, id, emoji))).toBe('invalid_request');
  });

  it.each(['❤', '❤️', '👨‍👩‍👧‍👦', '🇩🇪', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '1️⃣', '👍🏽'])('%s is a reaction', async (emoji) => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    expect(await codeOf(fixture.engine.api.messages.react(admin, id, emoji))).toBe('accepted');
  });
});

describe('the same for many', () => {
  const rules = { ...limitless, limits: { ...limitless.limits, sameTextPerHour: 2 } };

  it('is held for a person also where it is no text', async () => {
    const fixture = await EngineFixture.open({ pacing: rules, manifests: [testManifest('fake', { poll: true })] });
    await fixture.online();
    const poll = { question: FLYER, options: ['Yes', 'No'], multiple: false };
    const ids: string[] = [];
    for (const to of GUESTS) {
      const { body } = await fixture.engine.api.messages.accept(admin, { channel: 'fake', to, basis: BASIS, poll });
      ids.push((JSON.parse(body) as { id: string }).id);
    }
    const last = ids[2] ?? '';
    await fixture.until(async () => (await fixture.message(last)).heldBy?.rule === 'same_text', 20 * 60_000, 1_000);
  });

  it('cannot be had by changing what was sent, and an edit counts like a message', async () => {
    const fixture = await EngineFixture.open({ pacing: rules });
    await fixture.online();
    const ids: string[] = [];
    for (const [index, to] of GUESTS.entries()) {
      const { id } = await fixture.accept({ channel: 'fake', to, body: `Hello from room ${index}.` });
      await fixture.untilStatus(id, 'sent', 30 * 60_000);
      ids.push(id);
    }
    const edits: string[] = [];
    for (const id of ids) edits.push(await codeOf(fixture.engine.api.messages.edit(admin, id, FLYER)));
    expect(edits).toEqual(['accepted', 'accepted', 'same_text']);
    const { id } = await fixture.accept({ channel: 'fake', to: GUEST, body: FLYER, purpose: 'promotional' });
    await fixture.until(async () => (await fixture.message(id)).heldBy?.rule === 'same_text', 20 * 60_000, 1_000);
  });
});

describe('a guest who never wrote', () => {
  it.each(['', ' ', '-', '\u200b'])('is not written to because of a basis that says nothing: %j', async (nothing) => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    expect(await codeOf(fixture.accept({ basis: { reservation: '4711', consent: nothing } }))).toBe('no_basis');
  });

  it('is not tried from two numbers at once', async () => {
    const fixture = await EngineFixture.open({ pacing: { ...limitless, limits: defaultLimits } });
    await fixture.addLinked('spa', 'stopped');
    const account = { address: '+15550000002' };
    const at = fixture.clock.now();
    await fixture.store.recordSessionChange({ sessionId: 'spa', state: 'stopped', reason: null, at, account });
    await fixture.online();
    const request = { channel: 'fake', to: GUEST, body: 'Hello', basis: BASIS };
    const codes = await Promise.all(
      ['front-desk', 'spa'].map((session) => codeOf(fixture.accept({ ...request, session }))),
    );
    expect(codes.toSorted()).toEqual(['accepted', 'number_rotation']);
  });

  it('may be written to by another session of the same number', async () => {
    const fixture = await EngineFixture.open();
    await fixture.addLinked('desk-2', 'stopped');
    await fixture.online();
    const request = { channel: 'fake', to: GUEST, body: 'Hello', basis: BASIS };
    expect(await codeOf(fixture.accept({ ...request, session: 'front-desk' }))).toBe('accepted');
    expect(await codeOf(fixture.accept({ ...request, session: 'desk-2' }))).toBe('accepted');
  });
});

it('an answer that is put off to the night waits for the morning', async () => {
  const rules = { ...limitless, quietHours: { from: 21 * 60, to: 8 * 60 } };
  const fixture = await EngineFixture.open({ pacing: rules });
  const line = await fixture.online();
  await line.emit(says(fixture, 'When is breakfast?'));
  const night = new Date(fixture.clock.now());
  const sendAt = night.setUTCHours(night.getUTCHours() < 1 ? 2 : 26, 0, 0, 0);
  const { id, estimatedSendAt } = await fixture.accept({ body: 'From seven.', purpose: 'reply', sendAt });
  expect(Date.parse(estimatedSendAt ?? '')).toBeGreaterThan(sendAt + 3 * 60 * 60_000);
  await fixture.until(async () => (await fixture.message(id)).heldBy?.rule === 'quiet_hours', 60_000, 1_000);
});
