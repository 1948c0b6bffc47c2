import { createPublicKey } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts';
import { CallQueue } from '../mtproto/call-queue.ts';
import type { ClientEnd } from '../mtproto/client.ts';
import { engineNames } from '../mtproto/client.ts';
import { loadEngine } from '../mtproto/engines.ts';
import { KnownAddresses } from '../mtproto/known-addresses.ts';
import { PacketSocket } from '../mtproto/packet-socket.ts';
import { PingLoop } from '../mtproto/ping-loop.ts';
import { readServerKey } from '../mtproto/server-keys.ts';

describe('the queue of calls', () => {
  it('goes on after a call that fails before it begins', async () => {
    const queue = new CallQueue({ clock: new VirtualClock() });
    const failed = queue.run({ timeoutMs: 1_000 }, () => {
      throw new Error('at once');
    });
    await expect(failed).rejects.toThrow('at once');
    await expect(queue.run({ timeoutMs: 1_000 }, async () => 7)).resolves.toBe(7);
  });

  it('does not begin a call whose signal was aborted together with that of the one before', async () => {
    const queue = new CallQueue({ clock: new VirtualClock() });
    const abort = new AbortController();
    const begun: number[] = [];
    const calls = [1, 2].map((number) =>
      queue.run({ timeoutMs: 1_000, signal: abort.signal }, (turn) => {
        begun.push(number);
        turn.written();
        return new Promise(() => undefined);
      }),
    );
    const lost = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ reason: 'aborted' })));
    abort.abort();
    await lost;
    expect(begun).toEqual([1]);
  });

  it('tells the call that nobody waits for it any more, once, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const queue = new CallQueue({ clock });
    const onDropped = vi.fn();
    const call = queue.run({ timeoutMs: 1_000 }, (turn) => {
      turn.onDropped(onDropped);
      return new Promise(() => undefined);
    });
    const lost = expect(call).rejects.toMatchObject({ reason: 'deadline', isWritten: false });
    await clock.advance(1_000);
    await lost;
    queue.end();
    expect(onDropped).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the loop of pings', () => {
  const loop = (): {
    clock: VirtualClock;
    pongs: (() => void)[];
    state: { bytes: number };
    silent: () => number;
    it: PingLoop;
  } => {
    const clock = new VirtualClock();
    const pongs: (() => void)[] = [];
    const state = { bytes: 0 };
    const onSilent = vi.fn();
    const it = new PingLoop({
      clock,
      ping: (onPong) => pongs.push(onPong),
      bytesRead: () => state.bytes,
      onSilent,
    });
    it.start();
    return { clock, pongs, state, silent: () => onSilent.mock.calls.length, it };
  };

  it('pings three times a minute while pongs come', async () => {
    const { clock, pongs, silent } = loop();
    for (let count = 1; count <= 10; count += 1) {
      await clock.advance(20_000);
      expect(pongs).toHaveLength(count);
      pongs.at(-1)?.();
    }
    expect(silent()).toBe(0);
  });

  it('waits for a pong behind a file as long as the file moves, and not longer', async () => {
    const { clock, state, silent } = loop();
    await clock.advance(20_000);
    for (let part = 0; part < 6; part += 1) {
      await clock.advance(9_000);
      state.bytes += 1;
      await clock.advance(1_000);
    }
    expect(silent()).toBe(0);
    await clock.advance(10_000);
    expect(silent()).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stays stopped when a pong comes late', async () => {
    const { clock, pongs, it: pings } = loop();
    await clock.advance(20_000);
    pings.stop();
    pongs[0]?.();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a socket of packets', () => {
  const servers: { close: () => void }[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  const dial = async (
    serve: (socket: Socket) => void,
  ): Promise<{ packets: Buffer[]; ended: Promise<ClientEnd>; socket: PacketSocket }> => {
    const server = createServer(serve);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const packets: Buffer[] = [];
    let onEnd: (end: ClientEnd) => void = () => undefined;
    const ended = new Promise<ClientEnd>((resolve) => {
      onEnd = resolve;
    });
    const listener = { onPacket: (packet: Buffer) => packets.push(Buffer.from(packet)), onEnd };
    const socket = new PacketSocket({ clock: new VirtualClock(), listener });
    const { port } = server.address() as AddressInfo;
    socket.open({ host: '127.0.0.1', port });
    return { packets, ended, socket };
  };
  const framed = (packet: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(packet.length);
    return Buffer.concat([head, packet]);
  };

  it('puts packets together however they are cut up', async () => {
    const sent = [8, 12, 1_000, 70_000].map((length) => Buffer.alloc(length, length % 251));
    const stream = Buffer.concat(sent.map(framed));
    const { packets, ended, socket } = await dial((peer) => {
      const write = async (): Promise<void> => {
        for (let at = 0; at < 40; at += 1) {
          peer.write(stream.subarray(at, at + 1));
          await settle(1);
        }
        peer.end(stream.subarray(40));
      };
      peer.setNoDelay(true);
      void write();
    });
    expect(await ended).toEqual({ type: 'lost' });
    expect(packets).toEqual(sent);
    await socket.closed;
  });

  it('takes a number in place of a packet for what it is', async () => {
    const error = Buffer.alloc(4);
    error.writeInt32LE(-404);
    const { ended, socket } = await dial((peer) => peer.write(framed(error)));
    expect(await ended).toEqual({ type: 'transport', code: -404 });
    await socket.closed;
  });

  it.each([0, 3, 0x7fff_ffff])('does not wait for a packet of %i bytes', async (length) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(length);
    const { ended, socket } = await dial((peer) => peer.write(head));
    expect(await ended).toMatchObject({ type: 'protocol' });
    await socket.closed;
  });
});

describe('what an engine knows of servers', () => {
  it("gives Telegram's keys the fingerprints that Telegram gives them", async () => {
    const { _serverKeys: known } = await import('telegram/crypto/RSA.js');
    expect(known.size).toBeGreaterThan(0);
    for (const [fingerprint, { n, e }] of known) {
      const modulus = Buffer.from(n.toString(16), 'hex').toString('base64url');
      const exponent = Buffer.from([e >> 16, (e >> 8) & 255, e & 255]).toString('base64url');
      const key = createPublicKey({ key: { kty: 'RSA', n: modulus, e: exponent }, format: 'jwk' });
      for (const type of ['pkcs1', 'spki'] as const)
        expect(readServerKey(key.export({ type, format: 'pem' }).toString()).fingerprint).toBe(fingerprint);
    }
  });

  it("finds the data centres of a private network by its endpoint, and never takes them for Telegram's", () => {
    const addresses = new KnownAddresses();
    const endpoint = { host: '127.0.0.1', port: 1000, dcId: 2 };
    const option = (id: number, port: number, flags: object): object => ({
      _: 'dcOption',
      id,
      ipAddress: 'h',
      port,
      ...flags,
    });
    expect(addresses.find(endpoint, 1)).toBeUndefined();
    addresses.learn(endpoint, {
      _: 'config',
      dcOptions: [
        option(1, 5, { ipv6: true }),
        option(1, 6, { mediaOnly: true }),
        option(1, 7, {}),
        option(1, 8, {}),
        option(2, 9, {}),
      ] as never,
    });
    expect(addresses.find(endpoint, 1)).toEqual({ host: 'h', port: 7 });
    expect(addresses.find(endpoint, 2)).toEqual({ host: '127.0.0.1', port: 1000 });
    expect(addresses.find({ ...endpoint, port: 2000 }, 1)).toBeUndefined();
    for (const dcId of [1, 2, 3, 4, 5]) expect(addresses.find(undefined, dcId)).toMatchObject({ port: 443 });
  });
});

describe('an engine', () => {
  it.each(engineNames)('is told to be missing, with what to install, where its library is not: %s', async (name) => {
    const library = `library-of-${name}`;
    const load = (): Promise<never> => import(library) as Promise<never>;
    const source = { library, load };
    await expect(loadEngine(name, { gramjs: source, mtcute: source })).rejects.toMatchObject({
      code: 'connector_missing',
      detail: `npm install ${library}`,
    });
  });

  it('passes on what else goes wrong while it is loaded', async () => {
    const source = { library: 'some', load: () => Promise.reject(new Error('broken')) };
    await expect(loadEngine('gramjs', { gramjs: source, mtcute: source })).rejects.toThrow('broken');
  });
});
