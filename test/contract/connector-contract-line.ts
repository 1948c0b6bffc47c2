import { expect } from 'vitest';
import type { DisconnectCause } from '../../src/connector-api/index.ts';
import { DisconnectError, disconnectKinds, SendError } from '../../src/connector-api/index.ts';
import { need } from './connector-contract-harness.ts';
import { textSeen } from './connector-contract-messages.ts';
import type { CheckGroup, Stage } from './connector-contract-stage.ts';
import { chatWith, failureOf } from './connector-contract-stage.ts';

/** What the contract grants `disconnect`, and a margin for a loaded machine. */
const DISCONNECT_LIMIT_MS = 5_000 + 1_000;
const CODE = /^[a-z][a-z0-9_]*$/;

function expectCause(cause: DisconnectCause, kind: DisconnectCause['kind']): void {
  expect(disconnectKinds).toContain(cause.kind);
  expect(cause.kind).toBe(kind);
  expect(cause.code).toMatch(CODE);
}

const ends = (stage: Stage) => stage.daemon.ofType('disconnected');

async function refusalOf(connecting: Promise<unknown>): Promise<DisconnectCause> {
  const failure = await failureOf(connecting);
  expect(failure).toBeInstanceOf(DisconnectError);
  return (failure as DisconnectError).reason;
}

export const lineChecks: CheckGroup = {
  name: 'disconnects',
  checks: [
    {
      name: 'by a broken line are told once a connection, and the next one works',
      applies: ({ without }) => without.cutLine === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        for (const round of [1, 2]) {
          await need(stage.account, 'cutLine')();
          await stage.until('the end', () => ends(stage).length >= round);
          await stage.connect();
          await stage.stored(await guest.say(`kit: round ${round}`));
          expect(ends(stage)).toHaveLength(round);
        }
        for (const { cause } of ends(stage)) expectCause(cause, 'network');
      },
    },
    {
      name: 'while the network is away refuse the connection without an event, and end with it',
      applies: ({ without }) => without.beginOutage === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        await need(stage.account, 'beginOutage')();
        await stage.until('the end', () => ends(stage).length > 0);
        expectCause(await refusalOf(stage.connect()), 'network');
        expectCause(await refusalOf(stage.connect()), 'network');
        await need(stage.account, 'endOutage')();
        await stage.connect();
        await stage.stored(await guest.say('kit: back again'));
        expect(ends(stage)).toHaveLength(1);
      },
    },
    {
      name: 'that the network decides have the kind that says what to do',
      applies: ({ without }) => without.refusals === undefined,
      run: async (stage) => {
        const names = need(stage.account, 'refusals')().map(({ name }) => name);
        for (const name of names) {
          const account = await stage.side.createAccount();
          const other = stage.beside(account);
          try {
            await other.online();
            const refusal = need(account, 'refusals')().find((one) => one.name === name);
            if (refusal === undefined) throw new Error(`no such refusal: ${name}`);
            if (refusal.at === 'login') await other.session.call('disconnect', undefined);
            await refusal.strike();
            if (refusal.at === 'login') expectCause(await refusalOf(other.connect()), refusal.kind);
            else expectCause((await other.event('disconnected')).cause, refusal.kind);
            expect(ends(other)).toHaveLength(refusal.at === 'live' ? 1 : 0);
          } finally {
            await other.end();
          }
        }
      },
    },
    {
      name: 'that the host asked for are told by nothing but their answer, however often',
      run: async (stage) => {
        const guest = await stage.online();
        await stage.inTime('the end', stage.session.call('disconnect', undefined), DISCONNECT_LIMIT_MS);
        await stage.inTime('the end', stage.session.call('disconnect', undefined), DISCONNECT_LIMIT_MS);
        await stage.connect();
        await stage.stored(await guest.say('kit: fence'));
        expect(ends(stage)).toEqual([]);
      },
    },
  ],
};

export const endingChecks: CheckGroup = {
  name: 'ending',
  checks: [
    {
      name: 'a send that is cancelled while the network is silent rejects as a message that may have gone',
      applies: ({ without }) => without.ignoreNextSend === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: hello' });
        const { taken } = need(stage.account, 'ignoreNextSend')();
        const cancelling = new AbortController();
        const message = stage.message(chatWith(guest), { type: 'text', body: 'kit: never mind' });
        const failing = failureOf(stage.raw.send(message, { signal: cancelling.signal }));
        await stage.inTime('the message at the network', taken);
        cancelling.abort();
        const failure = await stage.inTime('the end of the send', failing, DISCONNECT_LIMIT_MS);
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({ certainty: 'maybe_sent' });
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: afterwards' });
        await textSeen(stage, guest, 'kit: afterwards');
      },
    },
    {
      name: 'a send that was cancelled before it began does not go',
      run: async (stage) => {
        const guest = await stage.online();
        const message = stage.message(chatWith(guest), { type: 'text', body: 'kit: not this' });
        const sending = failureOf(stage.raw.send(message, { signal: AbortSignal.abort() }));
        const failure = await stage.inTime('the refusal', sending, DISCONNECT_LIMIT_MS);
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({ certainty: 'not_sent' });
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: fence' });
        await textSeen(stage, guest, 'kit: fence');
        expect(guest.seen()).not.toContainEqual(expect.objectContaining({ networkId: message.networkId }));
      },
    },
    {
      name: 'a connection that hangs ends with the session, promptly',
      applies: ({ without }) => without.stallConnections === undefined,
      run: async (stage) => {
        await stage.online();
        await stage.session.call('disconnect', undefined);
        await need(stage.account, 'stallConnections')();
        const connecting = failureOf(stage.raw.connect());
        await stage.inTime('the closing', stage.session.close(), DISCONNECT_LIMIT_MS);
        await stage.inTime('the end of the connecting', connecting, DISCONNECT_LIMIT_MS);
        expect(ends(stage)).toEqual([]);
      },
    },
    {
      name: 'a session closes promptly while the daemon stores nothing, and nothing is lost by it',
      run: async (stage) => {
        const guest = await stage.online();
        let held = 0;
        stage.daemon.store = (event) => {
          if (event.type !== 'message') return undefined;
          held += 1;
          return new Promise(() => undefined);
        };
        await guest.say('kit: hold me');
        await stage.until('the message at the daemon', () => held > 0);
        await stage.inTime('the closing', stage.session.close(), DISCONNECT_LIMIT_MS);
        stage.daemon.store = () => undefined;
        await stage.comeBack();
        await stage.until('the message', () => stage.daemon.texts.includes('kit: hold me'));
      },
    },
  ],
};
