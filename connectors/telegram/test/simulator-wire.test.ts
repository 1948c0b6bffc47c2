import { Long } from '@mtcute/node';
import { Api } from 'telegram';
import { returnBigInt } from 'telegram/Helpers.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/core/random.ts';
import { createGramjs, createMtcute } from './simulator-wire-clients.ts';
import type { TestServer } from './simulator-wire-support.ts';
import { DC, startServer, typing } from './simulator-wire-support.ts';

let net: TestServer;

beforeEach(async () => {
  net = await startServer();
});

afterEach(async () => {
  await net.server.stop();
});

describe('gramjs', () => {
  test('makes a key, announces itself, calls, hears refusals and updates, and breaks no rule', async () => {
    const { server, world } = net;
    const client = createGramjs(server);
    try {
      await client.connect();
      const nearest = await client.invoke(new Api.help.GetNearestDc());
      expect(nearest).toMatchObject({ country: 'DE', thisDc: DC });
      await expect(client.invoke(new Api.help.GetSupport())).rejects.toMatchObject({
        code: 400,
        errorMessage: 'METHOD_NOT_IN_THIS_WORLD',
      });
      const heard = new Promise((resolve) => client.addEventHandler(resolve));
      server.wire.push(server.inits[0]?.keyId ?? '', typing);
      expect(await heard).toMatchObject({ className: 'UpdateUserTyping' });
      expect(world.calls.map(({ context }) => context.init.layer)).toContain(198);
    } finally {
      await client.destroy();
    }
    expect(server.inits).toMatchObject([{ layer: 198, deviceModel: 'Bench', appVersion: '1.2.3' }]);
    expect(server.violations.all()).toEqual([]);
    expect(server.internalErrors).toEqual([]);
  });
});

describe('gramjs at work', () => {
  test('calls that it chains are done in their order, and large files arrive whole', async () => {
    const { server, world } = net;
    const said: unknown[] = [];
    world.on('messages.sendMessage', ({ message }) => {
      said.push(message);
      return { _: 'updateShortSentMessage', out: true, id: said.length, pts: said.length, ptsCount: 1, date: 1 };
    });
    const parts: unknown[] = [];
    world.on('upload.saveFilePart', ({ bytes }) => {
      parts.push(bytes);
      return true;
    });
    const client = createGramjs(server);
    try {
      await client.connect();
      const peer = new Api.InputPeerSelf();
      await Promise.all(
        ['one', 'two', 'three'].map((message) => client.invoke(new Api.messages.SendMessage({ peer, message }))),
      );
      const bytes = Buffer.from(systemRandom.bytes(512 * 1024));
      const fileId = returnBigInt(1);
      await client.invoke(new Api.upload.SaveFilePart({ fileId, filePart: 0, bytes }));
      expect(said).toEqual(['one', 'two', 'three']);
      expect(bytes.equals(parts[0] as Uint8Array)).toBe(true);
    } finally {
      await client.destroy();
    }
    expect(server.violations.all()).toEqual([]);
  });
});

describe('mtcute', () => {
  test('makes a key, announces itself, calls, hears refusals and updates, and breaks no rule', async () => {
    const { server, world } = net;
    const client = await createMtcute(server);
    try {
      await client.connect();
      const nearest = await client.call({ _: 'help.getNearestDc' });
      expect(nearest).toEqual({ _: 'nearestDc', country: 'DE', thisDc: DC, nearestDc: DC });
      await expect(client.call({ _: 'help.getSupport' })).rejects.toThrow('METHOD_NOT_IN_THIS_WORLD');
      const heard = new Promise((resolve) => client.onServerUpdate.add(resolve));
      server.wire.push(server.inits[0]?.keyId ?? '', typing);
      expect(await heard).toMatchObject({ _: 'updateShort' });
      expect(world.calls.map(({ context }) => context.init.layer)).toContain(227);
    } finally {
      await client.destroy();
    }
    expect(server.inits[0]).toMatchObject({ layer: 227, deviceModel: 'Bench', appVersion: '1.2.3' });
    expect(server.violations.all()).toEqual([]);
    expect(server.internalErrors).toEqual([]);
  });

  test('binds temporary keys where it is told to keep forward secrecy', async () => {
    const { server, world } = net;
    const client = await createMtcute(server, { usePfs: true });
    try {
      await client.connect();
      await client.call({ _: 'help.getNearestDc' });
      const { keyId } = world.calls.at(-1)?.context.key ?? {};
      expect(keyId).not.toBe(server.inits[0]?.keyId);
      const heard = new Promise((resolve) => client.onServerUpdate.add(resolve));
      server.wire.push(keyId ?? '', typing);
      await heard;
    } finally {
      await client.destroy();
    }
    expect(server.violations.all()).toEqual([]);
  });

  test('gets long answers packed', async () => {
    const { server, world } = net;
    const message = { _: 'message', id: 1, peerId: { _: 'peerUser', userId: 5n }, date: 1, message: 'x'.repeat(9000) };
    world.on('messages.getHistory', () => ({ _: 'messages.messages', messages: [message] }));
    const client = await createMtcute(server);
    try {
      await client.connect();
      const [peer, hash] = [{ _: 'inputPeerSelf' }, Long.ZERO] as const;
      const window = { offsetId: 0, offsetDate: 0, addOffset: 0, limit: 1, maxId: 0, minId: 0 };
      const history = await client.call({ _: 'messages.getHistory', peer, hash, ...window });
      expect(history).toMatchObject({ messages: [{ message: message.message }] });
    } finally {
      await client.destroy();
    }
    expect(server.violations.all()).toEqual([]);
  });
});

describe('the libraries under faults', () => {
  test('gramjs repeats after a cut, in a session of its own, and breaks no rule', async () => {
    const { server, world } = net;
    const gramjs = createGramjs(server);
    try {
      await gramjs.connect();
      server.faults.swallowAnswer('help.getNearestDc');
      const called = world.heard('help.getNearestDc');
      const answer = gramjs.invoke(new Api.help.GetNearestDc());
      await called;
      server.faults.cut();
      expect(await answer).toMatchObject({ country: 'DE' });
      expect(world.count('help.getNearestDc')).toBe(2);
    } finally {
      await gramjs.destroy();
    }
    expect(server.violations.all()).toEqual([]);
  });

  test('mtcute goes on with its session after a cut: the answer comes, and nothing is done twice', async () => {
    const { server, world } = net;
    const mtcute = await createMtcute(server);
    try {
      await mtcute.connect();
      await mtcute.call({ _: 'help.getNearestDc' });
      server.faults.swallowAnswer('help.getNearestDc');
      const called = world.heard('help.getNearestDc');
      const answer = mtcute.call({ _: 'help.getNearestDc' });
      await called;
      server.faults.cut();
      expect(await answer).toMatchObject({ country: 'DE' });
      expect(world.count('help.getNearestDc')).toBe(2);
    } finally {
      await mtcute.destroy();
    }
    expect(server.violations.all()).toEqual([]);
  });
});
