import { expect } from 'vitest';
import { SendError } from '../../src/connector-api/index.ts';
import type { GuestSide, Seen } from './connector-contract-harness.ts';
import { claimsOf, need } from './connector-contract-harness.ts';
import type { CheckGroup, Stage } from './connector-contract-stage.ts';
import { chatWith, failureOf } from './connector-contract-stage.ts';

const SEVERAL = 20;
/** Longer ones prove nothing more and take long on slow networks. */
const LONG_TEXT = 4_000;
const AN_HOUR_MS = 3_600_000;
/** What escapes, folds and counts characters wrongly stumbles over these. */
const AWKWARD_TEXT = 'Zimmer <12> & "Bad" \'é\'\nzweite Zeile\t👩‍👩‍👧 日本語 \\u0000 ]]> %s ${x}';

type SeenText = Extract<Seen, { type: 'text' }>;
export const textsSeen = (guest: GuestSide): readonly SeenText[] =>
  guest.seen().filter((item): item is SeenText => item.type === 'text');

/** The text that the guest sees, once it is there. */
export function textSeen(stage: Stage, guest: GuestSide, body: string): Promise<SeenText> {
  return stage.until('a text at the guest', () => textsSeen(guest).find((item) => item.body === body));
}

export const messageChecks: CheckGroup = {
  name: 'messages',
  checks: [
    {
      name: 'of a guest arrive with their words, author, chat, id and time',
      run: async (stage) => {
        const guest = await stage.online();
        const networkId = await guest.say('kit: is breakfast included?');
        const message = await stage.stored(networkId);
        expect(message).toMatchObject({
          direction: 'inbound',
          content: { type: 'text', body: 'kit: is breakfast included?' },
          chat: { kind: 'direct' },
        });
        expect(message.chat.addresses).toContain(guest.addresses[0]);
        expect(message.sender.addresses).toContain(guest.addresses[0]);
        expect(Math.abs(message.sentAt - Date.now())).toBeLessThan(AN_HOUR_MS);
        const { parseAddress } = stage.harness.connector.manifest;
        for (const address of message.chat.addresses) {
          expect(parseAddress(address)).toEqual({ ok: true, kind: 'direct', address });
        }
      },
    },
    {
      name: 'to a guest arrive under the id that the answer names, also where the guest never wrote',
      run: async (stage) => {
        const guest = await stage.online();
        const message = stage.message(chatWith(guest), { type: 'text', body: 'kit: your room is ready' });
        const sent = await stage.inTime('the answer', stage.session.call('send', message));
        if (stage.harness.networkGivesIds !== true) expect(sent.networkId).toBe(message.networkId);
        expect(Math.abs(sent.acceptedAt - Date.now())).toBeLessThan(AN_HOUR_MS);
        expect(await textSeen(stage, guest, 'kit: your room is ready')).toMatchObject({ networkId: sent.networkId });
      },
    },
    {
      name: 'keep every character, both ways, also when they are long',
      run: async (stage) => {
        const guest = await stage.online();
        const { maxTextLength } = claimsOf(stage.harness);
        for (const body of [AWKWARD_TEXT, 'kit '.repeat(Math.min(maxTextLength, LONG_TEXT) / 4)]) {
          const arrived = await stage.stored(await guest.say(body));
          expect(arrived.content).toEqual({ type: 'text', body });
          await stage.send(arrived.chat, { type: 'text', body });
          await textSeen(stage, guest, body);
        }
      },
    },
    {
      name: 'keep their order, both ways',
      run: async (stage) => {
        const guest = await stage.online();
        const bodies = Array.from({ length: SEVERAL }, (_, index) => `kit: number ${index}`);
        for (const body of bodies) await guest.say(body);
        await stage.until('every message', () => stage.daemon.messages.length >= SEVERAL);
        expect(stage.daemon.texts).toEqual(bodies);
        for (const body of bodies) await stage.send(chatWith(guest), { type: 'text', body });
        await stage.until('every answer', () => textsSeen(guest).length >= SEVERAL);
        expect(textsSeen(guest).map(({ body }) => body)).toEqual(bodies);
      },
    },
    {
      name: 'that come while the account is away arrive at the next connection, once',
      run: async (stage) => {
        const guest = await stage.online();
        await stage.stored(await guest.say('kit: before'));
        await stage.session.call('disconnect', undefined);
        const away = [await guest.say('kit: away 1'), await guest.say('kit: away 2')];
        await stage.connect();
        for (const id of away) await stage.stored(id);
        await stage.stored(await guest.say('kit: after'));
        expect(stage.daemon.texts).toEqual(['kit: before', 'kit: away 1', 'kit: away 2', 'kit: after']);
      },
    },
    {
      name: 'that are sent without a connection fail at once, and certainly did not go',
      run: async (stage) => {
        const guest = await stage.online();
        await stage.session.call('disconnect', undefined);
        const failure = await failureOf(stage.send(chatWith(guest), { type: 'text', body: 'kit: into the void' }));
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({ code: 'session_down', certainty: 'not_sent', retryable: true });
        await stage.connect();
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: now' });
        await textSeen(stage, guest, 'kit: now');
        expect(textsSeen(guest).map(({ body }) => body)).toEqual(['kit: now']);
      },
    },
    {
      name: 'that are sent a second time get the same id, so that they are shown once',
      run: async (stage) => {
        const guest = await stage.online();
        const message = stage.message(chatWith(guest), { type: 'text', body: 'kit: only once' });
        const { networkId } = await stage.session.call('send', message);
        await stage.session.call('disconnect', undefined);
        await stage.connect();
        const again = await stage.session.call('send', { ...message, attempt: 2 });
        expect(again.networkId).toBe(networkId);
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: fence' });
        await textSeen(stage, guest, 'kit: fence');
        const ids = textsSeen(guest).flatMap((item) => (item.body === 'kit: only once' ? [item.networkId] : []));
        expect([...new Set(ids)]).toEqual([networkId]);
      },
    },
    {
      name: 'have the id that the network gives from then on, also after a kill before the daemon knew it',
      applies: ({ networkGivesIds }) => networkGivesIds === true,
      run: async (stage) => {
        const guest = await stage.online();
        const message = stage.message(chatWith(guest), { type: 'text', body: 'kit: numbered' });
        const { networkId } = await stage.inTime('the answer', stage.session.call('send', message));
        expect(networkId).not.toBe(message.networkId);
        const answerId = await need(guest, 'reply')(
          (await textSeen(stage, guest, 'kit: numbered')).networkId,
          'kit: yes',
        );
        expect((await stage.stored(answerId)).replyTo?.networkId).toBe(networkId);
        if (stage.harness.without.receipts === undefined) {
          const named = (): boolean => stage.daemon.receipts.some(({ networkIds }) => networkIds.includes(networkId));
          await need(guest, 'read')();
          await stage.until('a receipt under the id that was given', named);
        }
        stage.crash();
        await stage.comeBack();
        const again = await stage.inTime('the answer', stage.session.call('send', { ...message, attempt: 2 }));
        expect(again.networkId).toBe(networkId);
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: fence' });
        await textSeen(stage, guest, 'kit: fence');
        expect(textsSeen(guest).filter(({ body }) => body === 'kit: numbered')).toHaveLength(1);
        // The daemon has it already: its echo would be a second message there.
        expect(stage.daemon.messages.filter(({ direction }) => direction === 'outbound')).toEqual([]);
      },
    },
  ],
};

const rank = { sent: 0, delivered: 1, read: 2 } as const;

export const receiptChecks: CheckGroup = {
  name: 'receipts',
  checks: [
    {
      name: 'tell how far a message came, and only move forward',
      applies: ({ without }) => without.receipts === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        const { networkId } = await stage.send(chatWith(guest), { type: 'text', body: 'kit: your taxi waits' });
        const told = (): readonly (keyof typeof rank)[] =>
          stage.daemon.receipts.filter((one) => one.networkIds.includes(networkId)).map(({ status }) => status);
        await stage.until('a receipt of delivery', () => told().includes('delivered'));
        expect(told()).not.toContain('read');
        await need(guest, 'read')();
        await stage.until('a receipt of reading', () => told().includes('read'));
        await stage.stored(await guest.say('kit: fence'));
        const ranks = told().map((status) => rank[status]);
        expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
        for (const { chat } of stage.daemon.receipts) expect(chat.addresses).toContain(guest.addresses[0]);
      },
    },
    {
      name: 'name no message that was not sent',
      applies: ({ without }) => without.receipts === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        const sent = await stage.send(chatWith(guest), { type: 'text', body: 'kit: one' });
        await stage.stored(await guest.say('kit: fence'));
        const named = stage.daemon.receipts.flatMap(({ networkIds }) => networkIds);
        expect(named.filter((id) => id !== sent.networkId)).toEqual([]);
      },
    },
  ],
};
