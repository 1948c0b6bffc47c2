import { Api } from 'telegram';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestServer } from './simulator-wire-support.ts';
import { createGramjs, createMtcute, DC, startServer, typing } from './simulator-wire-support.ts';

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
});
