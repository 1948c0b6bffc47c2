import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawClient } from './simulator-wire-raw.ts';
import { announced } from './simulator-wire-raw-calls.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { startServer } from './simulator-wire-support.ts';

let net: TestServer;

beforeAll(async () => {
  net = await startServer();
});

afterAll(async () => {
  await net.server.stop();
});

const streams = [
  ['abridged', false],
  ['intermediate', false],
  ['padded', false],
  ['full', false],
  ['abridged', true],
  ['intermediate', true],
  ['padded', true],
] as const;

test.each(streams)('talks %s (obfuscated: %s)', async (framing, isObfuscated) => {
  const { server } = net;
  const client = await RawClient.connect(server, { framing, isObfuscated });
  await client.makeKey();
  const config = await client.call(announced(198));
  expect(config.length).toBeGreaterThan(100);
  expect(server.transports).toContain(isObfuscated ? `obfuscated ${framing}` : framing);
  client.close();
  await client.closed;
  expect(server.violations.all()).toEqual([]);
});

test('proves a key that begins with a zero over all its bytes, and takes it', async () => {
  const { server } = net;
  const client = await RawClient.connect(server);
  const key = await client.makeKey({ wantsLeadingZero: true });
  expect([key.bytes.length, key.bytes[0]]).toEqual([256, 0]);
  await client.call(announced(198));
  client.close();
  expect(server.violations.all()).toEqual([]);
});
