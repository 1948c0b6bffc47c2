import '../curve-first.ts'; // before anything that imports the library

import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SendError } from '../../../src/connector-api/index.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { createMessageId } from '../ids.ts';
import type { Phone } from '../simulator/people/phone.ts';
import type { TestSession } from './session-support.ts';
import { chatWith, muteConsole, Town } from './session-support.ts';

const town = new Town();
let phone: Phone;
let hotel: TestSession;

beforeAll(async () => {
  muteConsole();
  await town.start();
  ({ phone, hotel } = await town.linked());
});
afterAll(() => town.stop());
beforeEach(() => {
  muteConsole();
  town.network.faults.clear();
  town.network.violations.clear();
});

const violations = () => town.network.violations.all();
const companion = (): string => phone.companions()[0] ?? '';

async function failureOf(sending: Promise<unknown>): Promise<SendError> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SendError)) throw new Error(`expected a SendError, got ${String(error)}`);
  return error;
}

describe('what the hotel sends', () => {
  it('carries places, cards, polls and quotes', async () => {
    const guest = town.guest(phone);
    const asked = await guest.say('Where are you?');
    const { chat } = await hotel.message(asked);
    const replyTo = { networkId: asked, sender: chat.addresses[0], body: 'Where are you?' };
    await hotel.send(chat, { type: 'text', body: 'Here' }, { replyTo });
    expect(await guest.inbox.waitForText('Here')).toMatchObject({ quotedId: asked });
    await hotel.send(chat, { type: 'location', location: { latitude: 1.5, longitude: 2.5, name: 'Hotel' } });
    await hotel.send(chat, { type: 'contacts', contacts: [{ name: 'Taxi', phones: ['+4930555'] }] });
    await hotel.send(chat, { type: 'poll', poll: { question: 'Tea?', options: ['yes', 'no'], multiple: false } });
    await guest.inbox.waitFor((item) => item.type === 'message' && item.content.kind === 'poll');
    expect(guest.inbox.messages().map(({ content }) => content)).toMatchObject([
      { kind: 'text' },
      { kind: 'location', latitude: 1.5, longitude: 2.5, name: 'Hotel' },
      { kind: 'contact', name: 'Taxi' },
      { kind: 'poll', question: 'Tea?', options: ['yes', 'no'] },
    ]);
    expect(violations()).toEqual([]);
  });

  it('points at members and at its own words in a group', async () => {
    const [mother, son] = [town.guest(phone), town.guest(phone)];
    const group = mother.createGroup('Family', [son.lid, phone.lid]);
    const asked = await hotel.message(await mother.say('Check-in?', group));
    const toMother = { networkId: asked.networkId, sender: asked.sender.addresses[0], body: 'Check-in?' };
    const first = await hotel.send(asked.chat, { type: 'text', body: 'At three' }, { replyTo: toMother });
    expect(await son.inbox.waitForText('At three')).toMatchObject({ quotedId: asked.networkId });
    const toOwn = { networkId: first.networkId, body: 'At three' };
    await hotel.send(asked.chat, { type: 'text', body: 'Or four' }, { replyTo: toOwn });
    expect(await mother.inbox.waitForText('Or four')).toMatchObject({ quotedId: first.networkId });
    await hotel.session.react(asked.chat, toMother, '👍');
    await mother.inbox.waitFor((item) => item.type === 'message' && item.content.kind === 'reaction');
    await hotel.session.markRead(asked.chat, [toMother]);
    await mother.inbox.waitForMark(asked.networkId, 'read');
    expect(violations()).toEqual([]);
  });

  it('disappears when the chat’s messages do', async () => {
    const guest = town.guest(phone);
    const { chat } = await hotel.message(await guest.say('Hello'));
    hotel.vault.secrets.set('whatsapp.chat-timer', guest.pn.replace(/@.*/, ''), Buffer.from('86400'));
    const { networkId } = await hotel.send(chat, { type: 'text', body: 'Good evening' });
    await guest.inbox.waitForText('Good evening');
    const kept = hotel.vault.secrets.get('whatsapp.sent-message', networkId)?.subarray(8) ?? new Uint8Array(0);
    expect(proto.Message.decode(kept).extendedTextMessage?.contextInfo?.expiration).toBe(86_400);
    expect(violations()).toEqual([]);
  });

  it('can be reacted to, edited, deleted and marked read', async () => {
    const guest = town.guest(phone);
    const asked = await guest.say('Pool?');
    const { chat } = await hotel.message(asked);
    const sent = await hotel.send(chat, { type: 'text', body: 'Til eight' });
    await guest.inbox.waitForText('Til eight');
    await hotel.session.react(chat, { networkId: asked, sender: chat.addresses[0] }, '🏊');
    await hotel.session.edit(chat, sent.networkId, 'Until eight');
    await hotel.session.deleteForEveryone(chat, sent.networkId);
    await hotel.session.markRead(chat, [{ networkId: asked, sender: chat.addresses[0] }]);
    await guest.inbox.waitForMark(asked, 'read');
    await guest.inbox.waitFor((item) => item.type === 'message' && item.content.kind === 'delete');
    expect(guest.inbox.messages().map(({ content }) => content)).toMatchObject([
      { kind: 'text' },
      { kind: 'reaction', emoji: '🏊', targetId: asked },
      { kind: 'edit', text: 'Until eight', targetId: sent.networkId },
      { kind: 'delete', targetId: sent.networkId },
    ]);
    expect(violations()).toEqual([]);
  });

  it('is refused for a number without an account, before anything is sent', async () => {
    const chat = { kind: 'direct', addresses: ['+4915100000000'] } as const;
    const error = await failureOf(hotel.send(chat, { type: 'text', body: 'Hello?' }));
    expect(error).toMatchObject({ code: 'recipient_unknown', certainty: 'not_sent', retryable: false });
    expect(violations()).toEqual([]);
  });

  it.each([
    [463, 'rate_limited', true],
    [479, 'encryption_failed', true],
    [500, 'send_rejected', true],
    [999, 'send_rejected', false],
  ])('fails with the code %i that the network gave', async (code, expected, retryable) => {
    const guest = town.guest(phone);
    town.network.faults.onNextMessage(companion(), { error: code });
    const error = await failureOf(hotel.send(chatWith(guest), { type: 'text', body: 'x' }));
    expect(error).toMatchObject({ code: expected, retryable, certainty: 'not_sent', nativeCode: String(code) });
  });

  it('may have arrived when the line dies first; the same id again shows it once', async () => {
    const guest = town.guest(phone);
    const { chat } = await hotel.message(await guest.say('Hello'));
    const networkId = createMessageId(systemRandom);
    guest.goOffline(); // so that no receipt tells what the lost acknowledgement does not
    town.network.faults.onNextMessage(companion(), { drop: true });
    const arrived = town.network.traffic.next({ kind: 'message', id: networkId });
    const sending = failureOf(hotel.send(chat, { type: 'text', body: 'Welcome' }, { networkId }));
    await arrived;
    const ended = hotel.event('disconnected');
    town.network.faults.cut(companion());
    expect(await sending).toMatchObject({ code: 'session_down', certainty: 'maybe_sent', retryable: true });
    await ended;
    await hotel.restart();
    await hotel.session.connect();
    await hotel.send(chat, { type: 'text', body: 'Welcome' }, { networkId, attempt: 2 });
    guest.goOnline();
    await guest.inbox.waitForText('Welcome');
    await hotel.send(chat, { type: 'text', body: 'Anything else?' });
    await guest.inbox.waitForText('Anything else?');
    expect(guest.inbox.texts()).toEqual(['Welcome', 'Anything else?']);
    expect(guest.inbox.repeatedCopies).toBe(1);
    expect(guest.inbox.duplicatesShown).toBe(0);
    expect(violations()).toEqual([]);
  });

  it('counts as accepted when a receipt comes instead of the acknowledgement', async () => {
    const guest = town.guest(phone);
    const { chat } = await hotel.message(await guest.say('Hello'));
    town.network.faults.onNextMessage(companion(), { drop: true });
    await hotel.send(chat, { type: 'text', body: 'Welcome' });
    expect(guest.inbox.texts()).toEqual(['Welcome']);
  });

  it('is sealed again after a restart for a guest who could not read it', async () => {
    const guest = town.guest(phone);
    const { chat } = await hotel.message(await guest.say('one'));
    await hotel.send(chat, { type: 'text', body: 'two' });
    await guest.inbox.waitForText('two');
    guest.handset.loseSessions();
    guest.goOffline();
    const { networkId } = await hotel.send(chat, { type: 'text', body: 'three' });
    await hotel.restart();
    await hotel.session.connect();
    guest.goOnline();
    expect(await guest.inbox.waitForText('three')).toMatchObject({ id: networkId });
  });

  it('fails at once without a connection', async () => {
    const guest = town.guest(phone);
    await hotel.session.disconnect();
    const error = await failureOf(hotel.send(chatWith(guest), { type: 'text', body: 'x' }));
    expect(error).toMatchObject({ code: 'session_down', certainty: 'not_sent', retryable: true });
    await hotel.session.connect();
  });

  it('proves by a probe that the network listens', async () => {
    expect(await hotel.session.probe()).toBeGreaterThanOrEqual(0);
  });
});
