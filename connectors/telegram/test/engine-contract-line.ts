import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { systemRandom } from '../../../src/core/random.ts';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { MtprotoClient } from '../mtproto/client.ts';
import { CallLost } from '../mtproto/client.ts';
import { RpcError } from '../simulator/rpc.ts';
import { createChallenge, createPassword, isProved, passwordObject } from '../simulator/world/password.ts';
import type { TlObject, TlValue } from '../tl.ts';
import type { EngineStage } from './engine-contract-stage.ts';
import { AMPLE, later, NEAREST, numbered, numberOf } from './engine-contract-stage.ts';

/** A ping, and the time that its pong may take. */
const NOTICED_WITHIN_MS = 30_000;
const QUIET_MS = 10 * 60_000;
/** Less than a line waits for an answer: none may come late because only the clock has moved. */
const STEP_MS = 5_000;
const MANY = 300;
/** What is made once is made by then, and what the network remembers of a key is full. */
const WARM_UP_CONNECTIONS = 50;
/** An open client holds 30 kB and more; the noise of the collector is below this for each of many. */
const RESIDUE_BYTES = 10_000;

/** What becomes of three calls, the first of which is on its way. */
async function threeCalls(stage: EngineStage, client: MtprotoClient): Promise<{ outcome: () => Promise<unknown[]> }> {
  stage.answer(NEAREST._, () => later<TlValue>().promise);
  const heard = stage.nextCall(NEAREST._);
  const calls = [1, 2, 3].map(() => client.invoke(NEAREST, AMPLE).catch((error: unknown) => error));
  await heard;
  return { outcome: () => Promise.all(calls) };
}

const firstLostOnTheWay = [
  { name: 'CallLost', reason: 'ended', isWritten: true },
  { name: 'CallLost', reason: 'ended', isWritten: false },
  { name: 'CallLost', reason: 'ended', isWritten: false },
];

/** What the network pushes. */
export function updateTests(stage: () => EngineStage): void {
  it('hands updates over in the order in which they come, also between answers', async () => {
    const { client, updates } = await stage().open();
    const { wire } = stage().server;
    const { keyId } = stage();
    let pushed = 0;
    stage().answer(NEAREST._, () => {
      for (let count = 0; count < 3; count += 1) wire.push(keyId, numbered((pushed += 1)));
      if (pushed % 2 === 0) throw new RpcError(400, 'PEER_ID_INVALID');
      return { _: 'nearestDc', country: 'AT', thisDc: 1, nearestDc: 1 };
    });
    for (let call = 0; call < MANY / 3; call += 1) await client.invoke(NEAREST, AMPLE).catch(() => undefined);
    await client.ping(5_000);
    expect(updates.map(numberOf)).toEqual(Array.from({ length: MANY }, (_none, index) => BigInt(index + 1)));
  });

  it('hands every kind of update over as it came, and no answer', async () => {
    const { client, updates } = await stage().open();
    const kinds: readonly TlObject[] = [
      { _: 'updatesTooLong' },
      { _: 'updateShort', update: { _: 'updatePtsChanged' }, date: 5 },
      { _: 'updatesCombined', updates: [], users: [], chats: [], date: 1, seqStart: 2, seq: 3 },
    ];
    for (const kind of kinds) stage().server.wire.push(stage().keyId, kind);
    stage().answer('messages.deleteHistory', () => ({ _: 'messages.affectedHistory', pts: 1, ptsCount: 0, offset: 0 }));
    stage().answer('account.updateStatus', () => true);
    stage().answer('messages.editMessage', () => numbered(4));
    const edited = await client.invoke(
      { _: 'messages.editMessage', peer: { _: 'inputPeerSelf' }, id: 4, message: 'four' },
      AMPLE,
    );
    expect(edited).toEqual(numbered(4));
    await client.ping(5_000);
    expect(updates).toEqual(kinds);
  });

  it('ends when the connector fails to take an update, so that it comes again', async () => {
    const { client, ends } = await stage().open();
    client.onUpdates(() => {
      throw new Error('the disk is full');
    });
    stage().server.wire.push(stage().keyId, numbered(1));
    await client.ended;
    expect(ends).toMatchObject([{ type: 'protocol' }]);
    expect(JSON.stringify(ends)).not.toContain('disk');
  });
}

/** How a connection ends, and what is left of it. */
export function endingTests(stage: () => EngineStage): void {
  it('ends once when the line is cut, with every call lost and none repeated', async () => {
    const { client, clock, ends } = await stage().open();
    const { outcome } = await threeCalls(stage(), client);
    const comers = stage().server.inits.length;
    stage().server.faults.cut();
    await client.ended;
    expect(await outcome()).toMatchObject(firstLostOnTheWay);
    await expect(client.invoke(NEAREST, AMPLE)).rejects.toMatchObject({ name: 'CallLost', isWritten: false });
    await expect(client.ping(1_000)).rejects.toBeInstanceOf(CallLost);
    await clock.advance(NOTICED_WITHIN_MS);
    expect(ends).toMatchObject([{ type: 'lost' }]);
    expect(stage().callsOf(NEAREST._)).toBe(1);
    expect(stage().server.inits).toHaveLength(comers);
  });

  it('notices a network that has fallen silent', async () => {
    const { client, clock, ends } = await stage().open();
    const { outcome } = await threeCalls(stage(), client);
    stage().server.faults.silence();
    await expect(pingWithin(client, () => clock.advance(2_000))).rejects.toMatchObject({ reason: 'deadline' });
    await clock.advance(NOTICED_WITHIN_MS);
    expect(ends).toEqual([{ type: 'silent' }]);
    expect(await outcome()).toMatchObject(firstLostOnTheWay);
  });

  it('lives through quiet hours', async () => {
    const { client, clock, ends } = await stage().open();
    for (let passedMs = 0; passedMs < QUIET_MS; passedMs += STEP_MS) {
      await clock.advance(STEP_MS);
      await client.ping(5_000); // what was asked before is answered before
    }
    expect(ends).toEqual([]);
    expect(await client.invoke(NEAREST, AMPLE)).toMatchObject({ country: 'AT' });
  });

  it.each([-404, -429])('tells the transport error %i', async (code) => {
    const { client, ends } = await stage().open();
    const { outcome } = await threeCalls(stage(), client);
    stage().server.faults.transportError(code);
    await client.ended;
    expect(ends).toEqual([{ type: 'transport', code }]);
    expect(await outcome()).toMatchObject(firstLostOnTheWay);
  });

  it('closes under load: every call is lost, nothing is said to have ended', async () => {
    const { client, clock, ends } = await stage().open();
    const { outcome } = await threeCalls(stage(), client);
    await Promise.all([client.close(), client.close()]);
    await client.close();
    expect(await outcome()).toMatchObject(firstLostOnTheWay);
    await expect(client.invoke(NEAREST, AMPLE)).rejects.toMatchObject({ name: 'CallLost', isWritten: false });
    await clock.advance(NOTICED_WITHIN_MS);
    expect(ends).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is pinged in a moment', async () => {
    const { client } = await stage().open();
    expect(await client.ping(5_000)).toBeGreaterThanOrEqual(0);
  });

  it('proves a password, and only the right one', async () => {
    const { client } = await stage().open();
    const record = createPassword('Schönbrunn 1', systemRandom);
    const challenge = createChallenge(record, systemRandom);
    for (const typed of ['Schönbrunn 1', 'Schönbrunn 2']) {
      const proof = await client.provePassword(passwordObject(record, challenge), typed);
      expect(proof).toMatchObject({ _: 'inputCheckPasswordSRP', srpId: challenge.id });
      const { A: a, M1: m1 } = proof;
      if (!(a instanceof Uint8Array) || !(m1 instanceof Uint8Array)) throw new Error('no proof');
      expect(isProved(record, challenge, { a, m1 })).toBe(typed === 'Schönbrunn 1');
    }
  });

  it('writes no content, key or number to the log', async () => {
    const { client } = await stage().open({ key: undefined });
    stage().answer('auth.sendCode', () => {
      throw new RpcError(400, 'PHONE_NUMBER_INVALID');
    });
    const settings: TlObject = { _: 'codeSettings' };
    const sendCode = { _: 'auth.sendCode', phoneNumber: '+436601234567', apiId: 1, apiHash: 'feedbeef', settings };
    await client.invoke(sendCode, AMPLE).catch(() => undefined);
    stage().server.faults.cut();
    await client.ended;
    const key = Buffer.from(client.key().authKey).toString('hex');
    const written = stage().lines.join('\n');
    expect(written).not.toMatch(/6601234567|feedbeef|0123456789abcdef|127\.0\.0\.1/);
    expect(written).not.toContain(key.slice(0, 16));
  });
}

/** What many connections leave behind. */
export function residueTests(stage: () => EngineStage, times: number): void {
  const connect = async (count: number): Promise<void> => {
    for (let time = 0; time < count; time += 1) {
      const { client, clock } = await stage().open();
      const call = client.invoke(NEAREST, AMPLE);
      if (time % 2 === 0) await call;
      else call.catch(() => undefined);
      await client.close();
      expect(clock.pendingTimers).toBe(0);
      await stage().settle();
    }
  };

  it(`leaves no timer, no socket and no memory behind after ${times} connections`, async () => {
    await connect(WARM_UP_CONNECTIONS);
    await expect.poll(sockets).toBe(0);
    const before = { timers: timers(), heapBytes: heapBytes() };
    await connect(times);
    await expect.poll(sockets).toBe(0);
    expect(timers()).toBe(before.timers);
    expect(heapBytes() - before.heapBytes).toBeLessThan(times * RESIDUE_BYTES);
  });
}

const active = (name: string): number => process.getActiveResourcesInfo().filter((found) => found === name).length;
const sockets = (): number => active('TCPSocketWrap');
const timers = (): number => active('Timeout');

/** After everything that can be let go of was. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

async function pingWithin(client: MtprotoClient, pass: () => Promise<void>): Promise<number> {
  const ping = client.ping(1_000);
  ping.catch(() => undefined);
  await settle();
  await pass();
  return ping;
}
