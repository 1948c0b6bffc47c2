import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/core/random.ts';
import { sha256 } from '../simulator/wire/bytes.ts';
import { igeEncrypt } from '../simulator/wire/ige.ts';
import type { TlObject } from '../tl.ts';
import { RawClient } from './simulator-wire-raw.ts';
import { announced } from './simulator-wire-raw-calls.ts';
import type { RawKey } from './simulator-wire-raw-key.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { startServer } from './simulator-wire-support.ts';

let net: TestServer;
let first: RawClient;
let client: RawClient;

beforeAll(async () => {
  net = await startServer();
  first = await RawClient.ready(net.server);
});

afterAll(async () => {
  first.close();
  await net.server.stop();
});

beforeEach(async () => {
  client = await first.another(net.server); // a key for each test would take its time
  await client.call(announced(198));
});

afterEach(() => {
  client.close();
  net.server.violations.clear();
});

const codes = (): string[] => net.server.violations.all().map(({ code }) => code);

/** The last step in place of the second. */
function early({ nonce = '', serverNonce = '' }: TlObject): TlObject {
  return { _: 'setClientDHParams', nonce, serverNonce, encryptedData: new Uint8Array(16) };
}

describe('the making of a key', () => {
  const spoiled: readonly (readonly [string, (step: TlObject) => TlObject])[] = [
    ['a factor', (step) => (step._ === 'reqDHParams' ? { ...step, p: Uint8Array.of(0, 0, 3) } : step)],
    ['a nonce', (step) => (step._ === 'reqDHParams' ? { ...step, nonce: new Uint8Array(16) } : step)],
    ['the RSA key', (step) => (step._ === 'reqDHParams' ? { ...step, publicKeyFingerprint: 1n } : step)],
    [
      'the sealed secret',
      (step) => (step._ === 'reqDHParams' ? { ...step, encryptedData: new Uint8Array(256) } : step),
    ],
    ['the data centre', (step) => (step._ === 'pQInnerDataDc' ? { ...step, dc: 1 } : step)],
    ['g_b', (step) => (step._ === 'clientDHInnerData' ? { ...step, gB: Uint8Array.of(1) } : step)],
    ['the try', (step) => (step._ === 'clientDHInnerData' ? { ...step, retryId: 3n } : step)],
    [
      'the sealed half',
      (step) => (step._ === 'setClientDHParams' ? { ...step, encryptedData: new Uint8Array(16) } : step),
    ],
    ['the order', (step) => (step._ === 'reqDHParams' ? early(step) : step)],
  ];

  test.each(spoiled)('is refused where %s is wrong', async (_name, spoil) => {
    const wrong = await RawClient.connect(net.server);
    await expect(wrong.makeKey({ spoil })).rejects.toThrow('transport error -404');
    await wrong.closed;
    expect(codes()).toEqual(['key_exchange']);
  });
});

describe('the stream and the envelope', () => {
  test('a stream that is no MTProto is cut', async () => {
    const wrong = await RawClient.connect(net.server, { framing: 'full' });
    wrong.write(Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${'x'.repeat(80)}\r\n\r\n`));
    await wrong.closed;
    expect(codes()).toEqual(['framing']);
  });

  test('a packet with a spoiled checksum is cut', async () => {
    const wrong = await RawClient.connect(net.server, { framing: 'full' });
    const packet = Buffer.alloc(24);
    packet.writeUInt32LE(24, 0);
    wrong.write(packet);
    await wrong.closed;
    expect(codes()).toEqual(['framing']);
  });

  test('a key that the server does not know is answered with -404, which is no mistake', async () => {
    const other = await RawClient.connect(net.server);
    other.packet(Buffer.concat([systemRandom.bytes(8), new Uint8Array(80)]));
    expect(await other.transportError()).toBe(-404);
    expect(codes()).toEqual([]);
  });

  test('a key of another data centre is not known here', async () => {
    const other = await RawClient.connect(net.server, { dcId: 1 });
    other.packet(Buffer.concat([client.key?.id ?? new Uint8Array(8), new Uint8Array(80)]));
    expect(await other.transportError()).toBe(-404);
  });

  test('a msg_key that does not fit ends the connection', async () => {
    client.packet(Buffer.concat([client.key?.id ?? new Uint8Array(8), systemRandom.bytes(16), systemRandom.bytes(96)]));
    await client.closed;
    expect(codes()).toEqual(['bad_msg_key']);
  });

  test.each([
    ['not of whole words', 48, 3],
    ['more than is there', 48, 400],
    ['below nothing', 48, -4],
    ['leaving less padding than 12 bytes', 48, 8],
    ['leaving more padding than 1024 bytes', 32 + 1040, 4],
  ])('a length that is %s ends the connection', async (_name, size, length) => {
    const plain = Buffer.alloc(size);
    plain.writeInt32LE(length, 28);
    client.packet(sealed(client.key, plain));
    await client.closed;
    expect(codes()).toEqual(['bad_padding']);
  });
});

/** An envelope around any plain text. */
function sealed(key: RawKey | undefined, plain: Buffer): Buffer {
  if (key === undefined) throw new Error('no key yet');
  const msgKey = sha256(key.bytes.subarray(88, 120), plain).subarray(8, 24);
  const a = sha256(msgKey, key.bytes.subarray(0, 36));
  const b = sha256(key.bytes.subarray(40, 76), msgKey);
  const aesKey = Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24)]);
  const iv = Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24)]);
  return Buffer.concat([key.id, msgKey, igeEncrypt(aesKey, iv, plain)]);
}
