import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { createEngine } from '../../../src/engine/engine.ts';
import type { Message, MessageStatus } from '../../../src/engine/model/message.ts';
import type { Store } from '../../../src/engine/ports/index.ts';
import { InlineHost, loadConnector } from '../../../src/host/index.ts';
import { FileMediaStore } from '../../../src/store/media/index.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { admin, BASIS, CountingTelemetry } from '../../support/engine-fixture.ts';
import type { FakeConfig } from '../../support/fake-connector.ts';
import { fakeChat, fakeManifest, findFakeConnector } from '../../support/fake-connector.ts';
import { temporaryInit } from '../../support/fake-connector-host.ts';
import { noPacing } from '../../support/no-pacing.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';

interface House {
  readonly engine: Engine;
  readonly host: InlineHost;
  readonly store: Store;
  readonly clock: VirtualClock;
  dispose(): Promise<void>;
}

let house: House | undefined;
afterEach(async () => {
  await house?.dispose();
  house = undefined;
});

/** The engine on the real host, vault and store, with a connector of the whole contract. */
async function build(config: FakeConfig = {}): Promise<House> {
  const { store, clock } = await openTestStore();
  const { init, remove } = temporaryInit();
  const host = new InlineHost({
    clock,
    log: silentLogger,
    parts: {
      loadConnector: (channel) => loadConnector(findFakeConnector(channel)),
      openVault: (sessionId) => openVault({ dir: init.sessionsDir, sessionId, masterKey: init.sessionsKey, clock }),
      media: new FileMediaStore({ dir: init.mediaDir }),
      clock,
      random: systemRandom,
      log: silentLogger,
    },
  });
  const engine = createEngine({
    store,
    host,
    pacing: noPacing,
    manifests: new Map([['fake', fakeManifest]]),
    channelConfigs: new Map([['fake', config]]),
    clock,
    random: seededRandom(1),
    log: silentLogger,
    telemetry: new CountingTelemetry(),
  });
  await engine.start();
  const dispose = async (): Promise<void> => {
    const stopped = engine.stop(5_000);
    await clock.advance(10_000);
    await stopped;
    await store.close();
    remove();
  };
  house = { engine, host, store, clock, dispose };
  return house;
}

/** `rounds`: of 50 ms. */
async function until(clock: VirtualClock, condition: () => Promise<boolean>, rounds = 2_000): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    if (await condition()) return;
    await clock.advance(50);
  }
  throw new Error('nothing happened');
}

const untilState = (built: House, state: string): Promise<void> =>
  until(built.clock, async () => (await built.store.getSession('front-desk'))?.state === state);

async function link(built: House): Promise<void> {
  const { sessions } = built.engine.api;
  await sessions.create(admin, { id: 'front-desk', channel: 'fake' });
  const first = await sessions.beginLink(admin, 'front-desk', { method: 'qr' });
  expect(first.step).toMatchObject({ type: 'display', data: 'qr-1' });
  await untilState(built, 'connected');
}

async function say(built: House, body: string): Promise<Message> {
  const to = fakeChat.addresses[0];
  const answer = await built.engine.api.messages.accept(admin, { channel: 'fake', to, body, basis: BASIS });
  return JSON.parse(answer.body) as Message;
}

const untilStatus = (built: House, id: string, status: MessageStatus): Promise<void> =>
  until(built.clock, async () => (await built.store.getMessage(id, null))?.status === status);

describe('the engine on the real host', () => {
  it('links by QR, sends, receives what the connector spools, and tells it all', async () => {
    const built = await build();
    await link(built);
    const { id } = await say(built, 'emit 3');
    await untilStatus(built, id, 'sent');
    const { data } = await built.store.listEvents({ property: null, limit: 100 });
    const types = data.map((event) => event.type);
    expect(types.filter((type) => type === 'message.received')).toHaveLength(3);
    expect(types.filter((type) => type.startsWith('session.'))).toEqual(['session.linking', 'session.connected']);
  });

  it('comes back when the process dies, without linking again, and goes on sending', async () => {
    const built = await build();
    await link(built);
    built.host.crash();
    await until(built.clock, async () => {
      const { data } = await built.store.listTimeline('front-desk', { limit: 5 });
      return data.some(({ state }) => state === 'backing_off'); // for a moment only: the network is well
    });
    const { id } = await say(built, 'hello');
    await untilStatus(built, id, 'sent');
    expect((await built.store.getSession('front-desk'))?.state).toBe('connected');
  });

  it('takes what was open when the process died as perhaps sent, and settles it', async () => {
    const built = await build();
    await link(built);
    const { id } = await say(built, 'deaf');
    await untilStatus(built, id, 'sending');
    built.host.crash();
    await until(built.clock, async () => {
      const message = await built.store.getMessage(id, null);
      return message?.attempts === 2 && message.error?.certainty === 'maybe_sent';
    });
  });

  it('finds that it is deaf by a canary through the host, and hears again on a new line', async () => {
    const built = await build({ lively: true });
    await link(built);
    await until(built.clock, async () => built.engine.livenessOf('front-desk')?.provenBy === 'canary', 6_000);
    const { id } = await say(built, 'go-deaf');
    await untilStatus(built, id, 'sent');
    const codes = async (): Promise<unknown[]> =>
      (await built.store.listTimeline('front-desk', { limit: 5 })).data.map(({ reason }) => reason?.code);
    await until(built.clock, async () => (await codes()).includes('line_deaf'), 6_000);
    await until(built.clock, async () => {
      const { data } = await built.store.listEvents({ property: null, limit: 100 });
      return data.some(({ type, data: told }) => type === 'session.recovered' && told.gap !== undefined);
    });
  });

  it('stops, starts again and removes the session with its account', async () => {
    const built = await build();
    await link(built);
    const { sessions } = built.engine.api;
    expect((await sessions.stop(admin, 'front-desk')).state).toBe('stopped');
    await sessions.start(admin, 'front-desk');
    await untilState(built, 'connected');
    await sessions.remove(admin, 'front-desk');
    expect(await built.store.getSession('front-desk')).toBeNull();
    await link(built);
  });

  it('answers a question of the network', async () => {
    const built = await build();
    const { sessions } = built.engine.api;
    await sessions.create(admin, { id: 'front-desk', channel: 'fake' });
    const asked = await sessions.beginLink(admin, 'front-desk', { method: 'code' });
    expect(asked.step).toMatchObject({ type: 'input' });
    const done = await sessions.answerLink(admin, 'front-desk', { code: '123456' });
    expect(done.step.type).toBe('complete');
    await untilState(built, 'connected');
  });
});
