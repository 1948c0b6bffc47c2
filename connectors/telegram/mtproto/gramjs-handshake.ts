import { Factorizator } from 'telegram/crypto/Factorizator.js';
import { _serverKeys as libraryKeys } from 'telegram/crypto/RSA.js';
import { BinaryReader } from 'telegram/extensions/BinaryReader.js';
import { returnBigInt } from 'telegram/Helpers.js';
import { doAuthentication } from 'telegram/network/Authenticator.js';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { factorize } from './factors.ts';
import { MessageIds } from './message-ids.ts';
import { readServerKey } from './server-keys.ts';

/** The fingerprints that the library came with: Telegram's own. */
const TELEGRAM_KEYS: ReadonlySet<string> = new Set(libraryKeys.keys());

const PLAIN_HEAD_BYTES = 20;
/**
 * One key in 256 begins with a zero byte; the library drops it and then finds the server's proof wrong. Another try has another key, as it
 * has when the server itself asks for one. Four such keys in a row happen once in four thousand million.
 */
const MOST_TRIES = 4;
/** What the library says then: of the proof, and of any answer but "done". */
const TRY_ANOTHER = /new nonce hash|Step 3\.2/;

/** What the library asks of what it calls a plain sender. */
interface PlainSender {
  send(request: { getBytes(): Buffer }): Promise<unknown>;
}

export interface HandshakeDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** PEM; Telegram's own where absent. Every client trusts its own only, though the library keeps them in one map a process. */
  readonly serverKeys: readonly string[] | undefined;
  /** Sends one packet and resolves with the next that comes. */
  readonly exchange: (packet: Buffer) => Promise<Buffer>;
}

export interface NewKey {
  readonly authKey: Uint8Array;
  /** Server time minus ours, ms; exact to a second. */
  readonly offsetMs: number;
}

/** Makes an auth key with a server, by the library: it blocks the process for some 100 ms. Rejects where the server is not who it must be. */
export async function makeAuthKey(deps: HandshakeDeps): Promise<NewKey> {
  mendFactorizator();
  const trusted = trust(deps.serverKeys);
  const sender = plainSender(deps, trusted);
  for (let tries = 1; ; tries += 1) {
    try {
      const log = { debug: (line: string) => deps.log.debug('gramjs makes a key', { step: wordsOf(line) }) };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unsafe-argument -- it calls nothing but `send`
      const made = await doAuthentication(sender as Parameters<typeof doAuthentication>[0], log);
      const key = made.authKey.getKey();
      if (key?.length !== 256) throw new Error('a key of a wrong length');
      // The library compares the server's time with that of the system, whatever our clock says.
      const serverNow = systemClock.now() + made.timeOffset * 1000;
      return { authKey: new Uint8Array(key), offsetMs: serverNow - deps.clock.now() };
    } catch (error) {
      if (tries >= MOST_TRIES || !(error instanceof Error) || !TRY_ANOTHER.test(error.message)) throw error;
    }
  }
}

/** Tells the library the keys of a private network; the fingerprints that this client trusts. */
function trust(serverKeys: readonly string[] | undefined): ReadonlySet<string> {
  if (serverKeys === undefined) return TELEGRAM_KEYS;
  const keys = serverKeys.map(readServerKey);
  for (const { fingerprint, modulus, exponent } of keys) {
    const n = returnBigInt(BigInt(`0x${modulus.toString('hex')}`));
    if (!libraryKeys.has(fingerprint)) libraryKeys.set(fingerprint, { n, e: exponent });
  }
  return new Set(keys.map(({ fingerprint }) => fingerprint));
}

function plainSender({ clock, exchange }: HandshakeDeps, trusted: ReadonlySet<string>): PlainSender {
  const ids = new MessageIds({ clock });
  return {
    async send(request) {
      const body = request.getBytes();
      const head = Buffer.alloc(PLAIN_HEAD_BYTES);
      head.writeBigInt64LE(ids.next(), 8);
      head.writeInt32LE(body.length, 16);
      const packet = await exchange(Buffer.concat([head, body]));
      if (packet.length < PLAIN_HEAD_BYTES || packet.readBigInt64LE(0) !== 0n) throw new Error('not a plain answer');
      const length = packet.readInt32LE(16);
      const answer: unknown = new BinaryReader(
        packet.subarray(PLAIN_HEAD_BYTES, PLAIN_HEAD_BYTES + length),
      ).tgReadObject();
      return withTrusted(answer, trusted);
    },
  };
}

/** Leaves of a server's fingerprints those that this client trusts, so that the library can choose no other. */
function withTrusted(answer: unknown, trusted: ReadonlySet<string>): unknown {
  if (typeof answer !== 'object' || answer === null || !isRecord(answer)) return answer;
  const offered: unknown = answer['serverPublicKeyFingerprints'];
  if (!Array.isArray(offered)) return answer;
  return Object.assign(answer, {
    serverPublicKeyFingerprints: offered.filter((fingerprint) => trusted.has(String(fingerprint))),
  });
}

/** The library's lines about keys are a few words each. */
function wordsOf(line: string): string {
  return line.replaceAll(/[^a-z ]/gi, '').slice(0, 40);
}

/** The library's own search ends with a wrong answer once in some hundred times, and for some numbers never. Idempotent, process-wide. */
function mendFactorizator(): void {
  Factorizator.factorize = (pq) => {
    const { p, q } = factorize(BigInt(pq.toString()));
    return { p: returnBigInt(p), q: returnBigInt(q) };
  };
}
