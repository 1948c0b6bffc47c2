import { expect } from 'vitest';
import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { Gate } from '../support/fake-connector-host.ts';
import { need } from './connector-contract-harness.ts';
import { textSeen } from './connector-contract-messages.ts';
import type { CheckGroup, Stage } from './connector-contract-stage.ts';

/** More than the host lets out at once (32), so that the rest waits in the connector. */
const FLOOD = 40;
const STORED_BEFORE_THE_CRASH = 10;

const never = new Promise<never>(() => undefined);
const isText = (event: ConnectorEvent, body: string): boolean =>
  event.type === 'message' && event.message.content.type === 'text' && event.message.content.body === body;

/** Each word of the guest is stored, once under the daemon's key of chat and network id, in the order of speaking. */
async function expectStored(stage: Stage, bodies: readonly string[]): Promise<void> {
  await stage.until('every message', () => bodies.every((body) => stage.daemon.texts.includes(body)));
  expect(stage.daemon.texts).toEqual(bodies);
}

export const durableChecks: CheckGroup = {
  name: 'durable emit',
  checks: [
    {
      name: 'a message that was being stored when the process was killed comes again',
      run: async (stage) => {
        const guest = await stage.online();
        const reached: string[] = [];
        stage.daemon.store = (event) => {
          if (!isText(event, 'kit: hold me')) return undefined;
          reached.push('held');
          return never;
        };
        await guest.say('kit: hold me');
        await stage.until('the message at the daemon', () => reached.length > 0);
        stage.crash();
        stage.daemon.store = () => undefined;
        await stage.comeBack();
        await guest.say('kit: fence');
        await expectStored(stage, ['kit: hold me', 'kit: fence']);
      },
    },
    {
      name: 'a message that a full host refused is offered again until it is stored',
      run: async (stage) => {
        const guest = await stage.online();
        let refusals = 1;
        stage.daemon.store = (event) => {
          if (refusals === 0 || !isText(event, 'kit: refuse me')) return;
          refusals -= 1;
          throw new BellhopError('store_full');
        };
        const networkId = await guest.say('kit: refuse me');
        await stage.stored(networkId);
        await guest.say('kit: fence');
        await expectStored(stage, ['kit: refuse me', 'kit: fence']);
        expect(refusals).toBe(0);
      },
    },
    {
      name: 'a message that a full host refused is not lost with the process',
      run: async (stage) => {
        const guest = await stage.online();
        let refused = 0;
        stage.daemon.store = (event) => {
          if (!isText(event, 'kit: refuse me')) return;
          refused += 1;
          throw new BellhopError('store_full');
        };
        await guest.say('kit: refuse me');
        await stage.until('the refusal', () => refused > 0);
        stage.crash();
        stage.daemon.store = () => undefined;
        await stage.comeBack();
        await guest.say('kit: fence');
        await expectStored(stage, ['kit: refuse me', 'kit: fence']);
      },
    },
    {
      name: 'a message that was stored does not become two when it is handed over again',
      applies: ({ without }) => without.loseNextAcknowledgement === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        await need(stage.account, 'loseNextAcknowledgement')();
        const networkId = await guest.say('kit: twice');
        await stage.stored(networkId);
        await stage.session.call('disconnect', undefined);
        await stage.connect();
        await guest.say('kit: fence');
        await expectStored(stage, ['kit: twice', 'kit: fence']);
      },
    },
    {
      name: 'messages in another order than they were said are all kept, each with its own id',
      applies: ({ without }) => without.holdDeliveries === undefined,
      run: async (stage) => {
        const guest = await stage.online();
        await need(stage.account, 'holdDeliveries')();
        const said = new Map<string, string>();
        for (const body of ['kit: one', 'kit: two', 'kit: three']) said.set(await guest.say(body), body);
        await need(stage.account, 'releaseReversed')();
        await stage.until('all of them', () => stage.daemon.messages.length >= said.size);
        for (const { networkId, content } of stage.daemon.messages) {
          expect(content).toEqual({ type: 'text', body: said.get(networkId) });
        }
        expect(stage.daemon.messages).toHaveLength(said.size);
      },
    },
  ],
};

export const resumeChecks: CheckGroup = {
  name: 'resume',
  checks: [
    {
      name: 'after kill -9 in the middle of many messages none is lost and none is stored twice',
      run: async (stage) => {
        const guest = await stage.online();
        const bodies = Array.from({ length: FLOOD }, (_, index) => `kit: flood ${index}`);
        let stored = 0;
        stage.daemon.store = (event) => {
          if (event.type !== 'message') return undefined;
          if (stored >= STORED_BEFORE_THE_CRASH) return never;
          stored += 1;
          return undefined;
        };
        for (const body of bodies) await guest.say(body);
        await stage.until('the first ones', () => stored >= STORED_BEFORE_THE_CRASH);
        stage.crash();
        stage.daemon.store = () => undefined;
        await stage.comeBack();
        await expectStored(stage, bodies);
      },
    },
    {
      name: 'after kill -9 it speaks with the same guests, and hears what was said meanwhile',
      run: async (stage) => {
        const guest = await stage.online();
        const { chat } = await stage.stored(await guest.say('kit: hello'));
        await stage.send(chat, { type: 'text', body: 'kit: welcome' });
        stage.crash();
        await guest.say('kit: anybody there?');
        await stage.comeBack();
        await expectStored(stage, ['kit: hello', 'kit: anybody there?']);
        await stage.send(chat, { type: 'text', body: 'kit: here again' });
        await textSeen(stage, guest, 'kit: here again');
      },
    },
  ],
};

export const hostChecks: CheckGroup = {
  name: 'slow hosts',
  checks: [
    {
      name: 'do not keep the account from speaking, and get everything in order once they are faster',
      run: async (stage) => {
        const guest = await stage.online();
        const { chat } = await stage.stored(await guest.say('kit: hello'));
        const gate = new Gate();
        let waiting = 0;
        stage.daemon.store = (event) => {
          if (event.type !== 'message') return undefined;
          waiting += 1;
          return gate.opened;
        };
        const bodies = Array.from({ length: FLOOD }, (_, index) => `kit: flood ${index}`);
        for (const body of bodies) await guest.say(body);
        await stage.until('the first of them', () => waiting > 0);
        await stage.send(chat, { type: 'text', body: 'kit: one moment please' });
        await textSeen(stage, guest, 'kit: one moment please');
        expect(stage.daemon.texts).toEqual(['kit: hello']);
        gate.open();
        await expectStored(stage, ['kit: hello', ...bodies]);
      },
    },
  ],
};
