import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { makeAuthKey } from '../mtproto/gramjs-handshake.ts';
import type { AuthKey } from '../simulator/wire/auth-key.ts';
import { KeyExchange } from '../simulator/wire/key-exchange.ts';
import { RsaKey } from '../simulator/wire/rsa-key.ts';

const PLAIN_HEAD_BYTES = 20;
const HOUR_MS = 3_600_000;
const SLACK_MS = 10_000; // whole seconds, and a busy machine
const DH_GEN_OK = 0x3bcbf734;
const DH_GEN_RETRY = 0x46dc1fb9;
const rsa = new RsaKey(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
);
const pem = rsa.publicPem;

/** A server without a wire; `spoil` may change its last word of each try. */
function exchangeWith(made: AuthKey[], spoil: (answer: Buffer, tries: number) => void = () => undefined) {
  let tries = 0;
  const server = new KeyExchange({
    clock: systemClock,
    random: systemRandom,
    rsa,
    dcId: 2,
    made: (key) => made.push(key),
  });
  return async (packet: Buffer): Promise<Buffer> => {
    const body = Buffer.from(server.answer(packet.subarray(PLAIN_HEAD_BYTES)));
    if (body.readUInt32LE(0) === DH_GEN_OK) spoil(body, (tries += 1));
    const head = Buffer.alloc(PLAIN_HEAD_BYTES);
    head.writeBigInt64LE(1n, 8);
    head.writeInt32LE(body.length, 16);
    return Buffer.concat([head, body]);
  };
}

const deps = { clock: systemClock, log: silentLogger };

describe('a key that gramjs makes', () => {
  it('is the one that the server has, with the difference of the clocks', async () => {
    const made: AuthKey[] = [];
    const clock = new VirtualClock(systemClock.now() - HOUR_MS);
    const { authKey, offsetMs } = await makeAuthKey({
      ...deps,
      clock,
      serverKeys: [pem],
      exchange: exchangeWith(made),
    });
    expect(Buffer.from(authKey).equals(made.at(-1)!.bytes)).toBe(true);
    expect(Math.abs(offsetMs - HOUR_MS)).toBeLessThan(SLACK_MS);
  });

  it.each([
    ['its proof is wrong', (answer: Buffer) => answer.fill(0, answer.length - 4)],
    ['the server wants another', (answer: Buffer) => answer.writeUInt32LE(DH_GEN_RETRY, 0)],
  ])('is made anew when %s', async (_why, spoil) => {
    const made: AuthKey[] = [];
    const exchange = exchangeWith(made, (answer, tries) => {
      if (tries < 3) spoil(answer);
    });
    const { authKey } = await makeAuthKey({ ...deps, serverKeys: [pem], exchange });
    expect(made.length).toBeGreaterThanOrEqual(3); // one key in 256 is made anew for its own sake
    expect(Buffer.from(authKey).equals(made.at(-1)!.bytes)).toBe(true);
  });

  it('is given up when no proof is ever right', async () => {
    const made: AuthKey[] = [];
    const exchange = exchangeWith(made, (answer) => answer.fill(0, answer.length - 4));
    await expect(makeAuthKey({ ...deps, serverKeys: [pem], exchange })).rejects.toThrow('nonce hash');
    expect(made).toHaveLength(4);
  });

  it('is never made with a server that this client does not trust, though another client of the process does', async () => {
    const made: AuthKey[] = [];
    await makeAuthKey({ ...deps, serverKeys: [pem], exchange: exchangeWith(made) });
    const before = made.length;
    const untrusting = makeAuthKey({ ...deps, serverKeys: undefined, exchange: exchangeWith(made) });
    await expect(untrusting).rejects.toThrow('could not find a valid key');
    expect(made).toHaveLength(before);
  });
});
