import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../src/connector-api/index.ts';
import { DisconnectError, LoginError, SendError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { ConnectorHost, SessionHandle, SessionPulse } from '../../src/engine/ports/connector-host.ts';
import type { ProcessControl } from '../../src/engine/ports/processes.ts';
import { fakeAccount, fakeChat } from '../support/fake-connector.ts';
import { fakeSpec, Gate, RecordingListener, say, until } from '../support/fake-connector-host.ts';
import { hostileVitals } from '../support/hostile-connector.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import { settle } from '../support/virtual-clock.ts';

/** What the suite needs of an implementation; its connectors are those of `findTestConnector`. */
export interface HostUnderTest {
  readonly host: ConnectorHost & Pick<ProcessControl, 'renew'>;
  /** The daemon's clock. */
  readonly clock: VirtualClock;
  /** Lets the time of one pulse pass where it is virtual. */
  beat(): Promise<void>;
  /** Kills what runs the sessions, without a word of warning. */
  kill(): void;
  dispose(): Promise<void>;
}

class PulseListener extends RecordingListener {
  readonly pulses: SessionPulse[] = [];
  /** Called with each pulse. */
  take: () => void = () => undefined;

  onPulse(pulse: SessionPulse): void {
    this.pulses.push(pulse);
    this.take();
  }
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  );

/** Every ConnectorHost behaves like this. Call it inside a test file, once for each implementation. */
export function hostContract(name: string, make: () => Promise<HostUnderTest>): void {
  describe(`${name} keeps the contract of a connector host`, () => {
    let subject: HostUnderTest;
    let listener: RecordingListener;
    beforeEach(async () => {
      subject = await make();
      listener = new RecordingListener();
      await subject.host.start();
    });
    afterEach(() => subject.dispose());

    const open = (config: unknown = {}): Promise<SessionHandle> =>
      subject.host.open(fakeSpec('front-desk', config), listener);

    const told = async (session: SessionHandle, body: string): Promise<string> =>
      (await session.call('send', say(body))).networkId;

    async function link(session: SessionHandle): Promise<void> {
      await session.call('beginLogin', { method: 'qr' });
      for (;;) if ((await session.call('nextLoginStep', undefined)).type === 'complete') return;
    }

    describe('operations', () => {
      it('tells what a session can do and takes it online', async () => {
        const session = await open();
        expect([...session.features].sort()).toEqual([
          'delete',
          'edit',
          'presence',
          'probe',
          'react',
          'readMarks',
          'typing',
        ]);
        expect(session.linked).toBe(false);
        expect(session.account).toBeUndefined();
        expect(await session.call('connect', undefined)).toEqual({ account: fakeAccount, version: '1.0' });
        expect(await session.call('send', say('hello', 'id-7'))).toEqual({ networkId: 'id-7', acceptedAt: 7 });
        await session.call('disconnect', undefined);
      });

      it('announces the client version it was told to', async () => {
        const session = await subject.host.open({ ...fakeSpec(), clientVersion: '0.9' }, listener);
        expect((await session.call('connect', undefined)).version).toBe('0.9');
      });

      it('carries every optional operation with its arguments', async () => {
        const session = await open();
        const target = { networkId: 'n1' };
        await session.call('setTyping', { chat: fakeChat, on: true });
        await session.call('markRead', { chat: fakeChat, messages: [target, { networkId: 'n2' }] });
        await session.call('react', { chat: fakeChat, target, emoji: '👍' });
        await session.call('edit', { chat: fakeChat, networkId: 'n1', body: 'new' });
        await session.call('deleteForEveryone', { chat: fakeChat, networkId: 'n1' });
        await session.call('setPresence', { online: true });
        expect(await session.call('probe', undefined)).toBe(12);
        expect(await told(session, 'calls')).toBe(
          'typing:+15551230001:true read:n1,n2 react:n1:👍 edit:n1:new delete:n1 presence:true send',
        );
      });

      it('says capability_missing for what the connector does not have', async () => {
        const session = await open({ bare: true });
        expect([...session.features]).toEqual([]);
        expect(await failureOf(session.call('probe', undefined))).toMatchObject({ code: 'capability_missing' });
      });
    });

    describe('what a session can do', () => {
      it('is read again once it is linked, connected and unlinked', async () => {
        const session = await open({ late: true });
        expect([[...session.features], session.linked, session.account]).toEqual([[], false, undefined]);
        await link(session);
        expect([[...session.features], session.linked, session.account]).toEqual([['probe'], true, fakeAccount]);
        expect(await session.call('probe', undefined)).toBe(12);
        await session.call('connect', undefined);
        expect([...session.features]).toEqual(['presence', 'probe']);
        expect(session.account).toEqual({ ...fakeAccount, kind: 'bot' });
        await session.call('logout', undefined);
        expect([[...session.features], session.linked, session.account]).toEqual([['presence'], false, undefined]);
        expect(await failureOf(session.call('probe', undefined))).toMatchObject({ code: 'capability_missing' });
      });
    });

    describe('errors', () => {
      it('brings a SendError back whole', async () => {
        const failure = await failureOf((await open()).call('send', say('fail')));
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({
          code: 'send_rejected',
          certainty: 'not_sent',
          retryable: true,
          retryAfterMs: 1_234,
          nativeCode: '463',
          message: 'refused',
        });
      });

      it('brings a DisconnectError back with its whole cause', async () => {
        const failure = await failureOf((await open({ connect: 'banned' })).call('connect', undefined));
        expect(failure).toBeInstanceOf(DisconnectError);
        expect(failure).toMatchObject({
          reason: { kind: 'banned', code: 'fake_403_banned', nativeCode: '403', native: { why: ['spam'] } },
        });
      });

      it('takes an error that no contract foresees for a message that may have gone', async () => {
        const failure = await failureOf((await open()).call('send', say('throw')));
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({ code: 'internal_error', certainty: 'maybe_sent', retryable: false });
      });

      it('refuses an answer that is none', async () => {
        expect(await failureOf((await open()).call('send', say('nonsense')))).toMatchObject({ code: 'internal_error' });
      });

      it('refuses data that cannot cross, in both directions, and lives on', async () => {
        const session = await open();
        const trick = { ...say('x'), trick: () => 1 } as OutboundMessage;
        expect(await failureOf(session.call('send', trick))).toMatchObject({ certainty: 'not_sent' });
        expect(await told(session, 'emit-uncloneable')).toBe('internal_error');
        expect(await told(session, 'emit-nonsense')).toBe('internal_error');
        expect(listener.events).toEqual([]);
        expect(await told(session, 'emit 1')).toBe('m1');
      });

      it('says why a session cannot be opened', async () => {
        const other = (channel: string): Promise<unknown> =>
          failureOf(subject.host.open({ sessionId: 'bar', channel, config: {} }, listener));
        expect(await other('pigeon')).toMatchObject({ code: 'unknown_channel' });
        expect(await other('absent')).toMatchObject({
          code: 'connector_missing',
          detail: 'npm install absent-library',
        });
        const bad = subject.host.open({ sessionId: '../etc', channel: 'fake', config: {} }, listener);
        expect(await failureOf(bad)).toMatchObject({ code: 'invalid_session_id' });
        await open();
        expect(await failureOf(open())).toMatchObject({ code: 'store_locked' });
      });

      it('keeps no vault of a session that could not be made', async () => {
        expect(await failureOf(open({ broken: true }))).toMatchObject({ code: 'internal_error' });
        expect((await open()).linked).toBe(false);
      });
    });

    describe('events', () => {
      it('hands them over in order, one at a time, and acknowledges each after it is stored', async () => {
        const session = await open();
        const gate = new Gate();
        listener.store = () => gate.opened;
        const answer = session.call('send', say('emit 50'));
        await until(() => listener.concurrent === 1);
        expect(listener.events).toEqual([]);
        gate.open();
        const all = Array.from({ length: 50 }, (_, index) => `m${index + 1}`);
        expect((await answer).networkId).toBe(all.join(' '));
        expect(listener.ids).toEqual(all);
        expect(listener.mostConcurrent).toBe(1);
      });

      it('goes on with other work while the daemon is slow', async () => {
        const session = await open();
        const gate = new Gate();
        listener.store = () => gate.opened;
        await told(session, 'emit-and-go 100');
        expect(await told(session, 'hello')).toBe('out-1');
        gate.open();
        await until(() => listener.events.length === 100);
        expect(listener.ids.at(-1)).toBe('m100');
      });

      it('gives a refusal back to the emit it belongs to, with its code', async () => {
        const session = await open();
        listener.store = (event) => {
          if (event.type === 'message' && event.message.networkId === 'm2') throw new BellhopError('store_full');
        };
        expect(await told(session, 'emit 3')).toBe('m1 m2:store_full m3');
        expect(listener.ids).toEqual(['m1', 'm3']);
        listener.store = () => undefined;
        await session.call('connect', undefined);
        await until(() => listener.events.length === 3);
        expect(listener.ids).toEqual(['m1', 'm3', 'm2']);
      });

      it('does not let one session wait for another', async () => {
        const slow = new RecordingListener();
        slow.store = () => new Promise(() => undefined);
        const first = await subject.host.open(fakeSpec('slow'), slow);
        const second = await open();
        await told(first, 'emit-and-go 100');
        expect(await told(second, 'emit 2')).toBe('m1 m2');
      });
    });

    describe('the pulse', () => {
      const openHostile = (sessionId: string, to: PulseListener): Promise<SessionHandle> =>
        subject.host.open({ sessionId, channel: 'hostile', config: {} }, to);
      const untilPulses = async (told: PulseListener, count: number): Promise<void> => {
        while (told.pulses.length < count) {
          await subject.beat();
          await settle();
        }
      };

      it('tells every session how its process is, and how its line is where the connector knows', async () => {
        const vital = new PulseListener();
        const plain = new PulseListener();
        await openHostile('vital', vital);
        await subject.host.open(fakeSpec('plain', { bare: true }), plain);
        await untilPulses(vital, 2);
        await untilPulses(plain, 2);
        expect(vital.pulses.at(-1)).toEqual({ loopLagMs: expect.any(Number), vitals: hostileVitals });
        expect(plain.pulses.at(-1)).toEqual({ loopLagMs: expect.any(Number) });
        for (const { loopLagMs } of vital.pulses) expect(loopLagMs).toBeGreaterThanOrEqual(0);
      });

      it('goes on for the others when one connector or one listener fails at it', async () => {
        const broken = new PulseListener();
        const deafening = new PulseListener();
        const well = new PulseListener();
        const session = await openHostile('broken', broken);
        await openHostile('deafening', deafening);
        await openHostile('well', well);
        await session.call('send', say('break-vitals'));
        deafening.take = () => {
          throw new Error('cannot take it');
        };
        const begun = well.pulses.length;
        await untilPulses(well, begun + 2);
        expect(broken.pulses.at(-1)).toEqual({ loopLagMs: expect.any(Number) });
        expect(well.pulses.at(-1)?.vitals).toEqual(hostileVitals);
      });

      it('ends with the session', async () => {
        const closed = new PulseListener();
        const session = await openHostile('closed', closed);
        await untilPulses(closed, 1);
        await session.close();
        const heard = closed.pulses.length;
        const other = new PulseListener();
        await openHostile('other', other);
        await untilPulses(other, 2);
        expect(closed.pulses).toHaveLength(heard);
      });
    });

    describe('a session that wants a fresh process', () => {
      it('opens again with its link', async () => {
        const session = await open();
        await link(session);
        await session.close();
        const again = await subject.host.open({ ...fakeSpec('front-desk', {}), freshProcess: true }, listener);
        expect(again.linked).toBe(true);
        expect(await told(again, 'hello')).toBe('out-1');
      });
    });

    describe('renewing', () => {
      it('asks every session to move, one after the other, and loses none', async () => {
        const moves: string[] = [];
        const reopened: SessionHandle[] = [];
        const openMovable = async (sessionId: string): Promise<SessionHandle> => {
          const movable = Object.assign(new RecordingListener(), {
            onMove: async (): Promise<void> => {
              moves.push(`${sessionId} goes`);
              await handle.close();
              reopened.push(await subject.host.open(fakeSpec(sessionId), movable));
              moves.push(`${sessionId} is back`);
            },
          });
          listeners.push(movable);
          const handle = await subject.host.open(fakeSpec(sessionId), movable);
          return handle;
        };
        const listeners: RecordingListener[] = [];
        await openMovable('a');
        await openMovable('b');
        const renewed = subject.host.renew();
        await until(() => reopened.length === 2);
        expect(moves).toEqual(['a goes', 'a is back', 'b goes', 'b is back']);
        for (const session of reopened) expect(await told(session, 'hello')).toBe('out-1');
        await renewed;
        expect(listeners.flatMap(({ lost }) => lost)).toEqual([]);
        for (const session of reopened) expect(await told(session, 'calls')).toBe('send send');
      });
    });

    describe('waiting and cancelling', () => {
      it('passes the abort on and lets the connector say how far the message came', async () => {
        const session = await open();
        const controller = new AbortController();
        const answer = failureOf(session.call('send', say('hang'), { signal: controller.signal }));
        expect(await told(session, 'hello')).toBe('out-1');
        controller.abort();
        expect(await answer).toMatchObject({ code: 'session_down', certainty: 'not_sent', message: 'stopped in time' });
      });

      it('does not wait for a connector that ignores the abort', async () => {
        const session = await open();
        const answer = failureOf(session.call('send', say('deaf'), { timeoutMs: 30_000 }));
        expect(await told(session, 'hello')).toBe('out-1');
        await subject.clock.advance(29_999);
        expect(await told(session, 'hello')).toBe('out-1');
        await subject.clock.advance(10_000);
        const failure = await answer;
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({ code: 'session_down', certainty: 'maybe_sent' });
      });

      it('sends nothing when the signal had aborted before', async () => {
        const session = await open();
        const answer = session.call('send', say('hello'), { signal: AbortSignal.abort() });
        expect(await failureOf(answer)).toMatchObject({ code: 'session_down', certainty: 'not_sent' });
        expect(await told(session, 'calls')).toBe('send');
      });

      it('gives up a connect that takes too long', async () => {
        const session = await open({ connect: 'hang' });
        const answer = failureOf(session.call('connect', undefined, { timeoutMs: 1_000 }));
        await subject.clock.advance(1_000);
        expect(await answer).toMatchObject({ code: 'session_down' });
      });
    });

    describe('linking', () => {
      it('brings the steps one by one and is linked afterwards, also when opened again', async () => {
        const session = await open();
        await session.call('beginLogin', { method: 'qr' });
        expect(await session.call('nextLoginStep', undefined)).toMatchObject({ type: 'display', data: 'qr-1' });
        expect(await session.call('nextLoginStep', undefined)).toMatchObject({ type: 'display', data: 'qr-2' });
        expect(await session.call('nextLoginStep', undefined)).toEqual({ type: 'complete', account: fakeAccount });
        expect(await failureOf(session.call('nextLoginStep', undefined))).toMatchObject({
          code: 'no_link_in_progress',
        });
        await session.close();
        const again = await open();
        expect(again.linked).toBe(true);
        expect(again.account).toEqual(fakeAccount);
        await again.call('logout', undefined);
        await again.close();
        const third = await open();
        expect(third.linked).toBe(false);
        expect(third.account).toBeUndefined();
      });

      it('asks for input, takes the answer and refuses a wrong one', async () => {
        const session = await open();
        await session.call('beginLogin', { method: 'code' });
        expect(await failureOf(session.call('answerLogin', { code: '1' }))).toMatchObject({
          code: 'link_input_unexpected',
        });
        expect(await session.call('nextLoginStep', undefined)).toMatchObject({ type: 'input' });
        const next = session.call('nextLoginStep', undefined);
        expect(await told(session, 'hello')).toBe('out-1');
        await session.call('answerLogin', { code: '123456' });
        expect((await next).type).toBe('complete');
      });

      it('brings a LoginError back as what it is', async () => {
        const session = await open();
        expect(await failureOf(session.call('beginLogin', { method: 'pigeon' }))).toMatchObject({
          code: 'unsupported',
        });
        await session.call('beginLogin', { method: 'code' });
        await session.call('nextLoginStep', undefined);
        const failure = await failureOf(session.call('answerLogin', { code: 'wrong' }));
        expect(failure).toBeInstanceOf(LoginError);
        expect(failure).toMatchObject({ code: 'rejected', message: 'wrong code' });
      });

      it('ends a pending step when it is cancelled', async () => {
        const session = await open();
        await session.call('beginLogin', { method: 'endless' });
        await session.call('nextLoginStep', undefined);
        const pending = failureOf(session.call('nextLoginStep', undefined));
        await session.call('cancelLogin', undefined);
        expect(await pending).toMatchObject({ code: 'cancelled' });
      });

      it('loses no step when the waiting for it was given up', async () => {
        const session = await open();
        await session.call('beginLogin', { method: 'endless' });
        await session.call('nextLoginStep', undefined);
        const first = failureOf(session.call('nextLoginStep', undefined, { timeoutMs: 1_000 }));
        await subject.clock.advance(1_000);
        expect(await first).toMatchObject({ code: 'session_down' });
        const second = failureOf(session.call('nextLoginStep', undefined));
        await session.call('cancelLogin', undefined);
        expect(await second).toMatchObject({ code: 'cancelled' });
      });
    });

    describe('closing and dying', () => {
      it('closes once, frees the vault and answers calls on the closed handle', async () => {
        const session = await open();
        await Promise.all([session.close(), session.close()]);
        expect(await failureOf(session.call('send', say('x')))).toMatchObject({
          code: 'session_down',
          certainty: 'not_sent',
        });
        expect(await failureOf(session.call('connect', undefined))).toMatchObject({ code: 'session_down' });
        await (await open()).close();
        expect(listener.lost).toEqual([]);
      });

      it('closes a session whose connect hangs', async () => {
        const session = await open({ connect: 'hang' });
        const connecting = failureOf(session.call('connect', undefined));
        await session.close();
        await connecting;
        await open();
      });

      it('tells of the loss once, settles what was under way, and opens the session again', async () => {
        const session = await open();
        await link(session);
        const sending = failureOf(session.call('send', say('deaf')));
        const probing = failureOf(session.call('nextLoginStep', undefined));
        await probing;
        subject.kill();
        const failure = await sending;
        expect(failure).toBeInstanceOf(SendError);
        expect(failure).toMatchObject({ code: 'session_down', certainty: 'maybe_sent', retryable: true });
        await until(() => listener.lost.length > 0);
        expect(await failureOf(session.call('connect', undefined))).toMatchObject({ code: 'session_down' });
        await session.close();
        const again = await open();
        expect(again.linked).toBe(true);
        expect(await told(again, 'hello')).toBe('out-1');
        expect(listener.lost).toHaveLength(1);
      });

      it('loses no event that was not acknowledged when the process died', async () => {
        const session = await open();
        const gate = new Gate();
        listener.store = (event) =>
          event.type === 'message' && event.message.networkId === 'm3' ? gate.opened : undefined;
        await told(session, 'emit-and-go 5');
        await until(() => listener.events.length === 2 && listener.concurrent === 1);
        subject.kill();
        await until(() => listener.lost.length > 0);
        gate.open();
        const replayed = new RecordingListener();
        const again = await subject.host.open(fakeSpec(), replayed);
        await again.call('connect', undefined);
        await until(() => replayed.ids.includes('m5'));
        expect(new Set([...listener.ids, ...replayed.ids])).toEqual(new Set(['m1', 'm2', 'm3', 'm4', 'm5']));
        expect(replayed.ids).toEqual([...replayed.ids].sort());
      });

      it('stops everything and opens nothing more', async () => {
        const session = await open();
        await session.call('connect', undefined);
        await subject.host.stop(5_000);
        expect(listener.lost).toEqual([]);
        expect(await failureOf(session.call('connect', undefined))).toMatchObject({ code: 'session_down' });
        expect(await failureOf(open())).toMatchObject({ code: 'shutting_down' });
      });
    });
  });
}
