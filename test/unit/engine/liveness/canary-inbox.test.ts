import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.ts';
import type { EventSource } from '../../../../src/engine/inbox.ts';
import { Inbox } from '../../../../src/engine/inbox.ts';
import { LiveBus } from '../../../../src/engine/live-bus.ts';
import type { Store } from '../../../../src/engine/ports/index.ts';
import { CountingTelemetry } from '../../../support/engine-fixture.ts';
import { openTestStore } from '../../../support/open-test-store.ts';

async function setUp(wrap: (store: Store) => Store = (store) => store) {
  const { store, clock } = await openTestStore();
  await store.createSession({ id: 'front-desk', property: 'main', channel: 'fake', settings: {} });
  const inbox = new Inbox({
    store: wrap(store),
    live: new LiveBus({ log: silentLogger }),
    telemetry: new CountingTelemetry(),
    clock,
    log: silentLogger,
  });
  const canaries: unknown[] = [];
  const heard: string[] = [];
  const source: EventSource = {
    sessionId: 'front-desk',
    channel: 'fake',
    property: 'main',
    onDisconnected: () => undefined,
    onCanary: (...told) => void canaries.push(told),
    onHeard: (event) => void heard.push(event.type),
  };
  return { store, inbox, source, canaries, heard };
}

const message = {
  networkId: 'IN-1',
  chat: { kind: 'direct', addresses: ['+15551230001'] },
  sender: { addresses: ['+15551230001'] },
  direction: 'inbound',
  content: { type: 'text', body: 'Hello?' },
  sentAt: 1,
};

describe('a canary at the inbox', () => {
  it('is told once the store has taken a write for it', async () => {
    let isWritten = false;
    const { inbox, source, canaries } = await setUp(
      (store) =>
        new Proxy(store, {
          get: (target, name, receiver): unknown =>
            name === 'ping'
              ? async () => {
                  await target.ping();
                  isWritten = true;
                }
              : Reflect.get(target, name, receiver),
        }),
    );
    const handling = inbox.handle(source, { type: 'canary', token: 'abc', at: 1, missed: 2 });
    expect(canaries).toEqual([]);
    await handling;
    expect(isWritten).toBe(true);
    expect(canaries).toEqual([['abc', 2, true]]);
  });

  it('is told as not stored, and refused, when the store cannot write', async () => {
    const { inbox, source, canaries } = await setUp(
      (store) =>
        new Proxy(store, {
          get: (target, name, receiver): unknown =>
            name === 'ping' ? () => Promise.reject(new Error('full')) : Reflect.get(target, name, receiver),
        }),
    );
    await expect(inbox.handle(source, { type: 'canary', token: 'abc', at: 1 })).rejects.toThrow('full');
    expect(canaries).toEqual([['abc', 0, false]]);
  });

  it('leaves nothing in the log of events', async () => {
    const { store, inbox, source, heard } = await setUp();
    await inbox.handle(source, { type: 'canary', token: 'abc', at: 1 });
    expect((await store.listEvents({ property: null, limit: 10 })).data).toEqual([]);
    expect(heard).toEqual([]);
  });

  it('is not what counts as heard: that is what the network brings for the first time', async () => {
    const { inbox, source, heard } = await setUp();
    await inbox.handle(source, { type: 'message', message });
    await inbox.handle(source, { type: 'message', message });
    expect(heard).toEqual(['message']);
    await inbox.handle(source, { type: 'disconnected', cause: { kind: 'network', code: 'fake_lost' } });
    expect(heard).toEqual(['message']);
  });
});
