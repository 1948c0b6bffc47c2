import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import { Bench } from '../../connectors/telegram/test/session-support.ts';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { MemoryVault } from '../support/memory-vault.ts';
import { VersionHouse } from '../support/version-house.ts';

const HOUR_MS = 3_600_000;
const GRAMJS = 'gramjs/198/1.0.0';
const MTCUTE = 'mtcute/227/1.0.0';
const IDS = ['s1', 's2'] as const;

describe('Telegram in a box refuses layers, and another unmodified library connects', () => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const vaults = new Map<string, MemoryVault>();
  const benches: Bench[] = [];
  let house: VersionHouse | undefined;

  beforeAll(async () => {
    await network.start();
    for (const id of IDS) {
      const bench = new Bench(network, network.createAccount(), ['gramjs', 'mtcute']);
      await bench.link();
      await bench.stop();
      vaults.set(id, bench.vault);
      benches.push(bench);
    }
  });
  afterEach(async () => {
    await house?.stop();
    house = undefined;
    network.server.rules.minLayer = 0;
  });
  afterAll(() => network.stop());

  it('from layer 198 to the next rung, and back when 198 is accepted again, with the same key', async () => {
    const config = benches[0]?.config;
    const built = await VersionHouse.open({ channel: 'telegram', config, vaults });
    house = built;
    for (const id of IDS) await built.until(id, ({ state }) => state === 'connected');
    expect((await built.session('s1')).version).toMatchObject({ current: GRAMJS, wanted: GRAMJS });

    network.server.rules.minLayer = 200;
    const begunAt = built.clock.now();
    network.server.wire.cut();
    for (const id of IDS) await built.until(id, ({ state }) => state === 'degraded');
    expect(built.clock.now() - begunAt).toBeLessThan(120_000);
    for (const id of IDS) expect((await built.session(id)).version).toMatchObject({ current: MTCUTE, wanted: GRAMJS });
    expect((await built.timeline('s1')).map(({ reason }) => reason?.text)).toContainEqual(
      expect.stringMatching(`^Running on ${MTCUTE}; the newest is ${GRAMJS}, refused since`),
    );
    const refusals = await Promise.all(
      IDS.map(async (id) =>
        (await built.timeline(id)).filter(({ reason }) => reason?.code === 'telegram_connection_layer_invalid'),
      ),
    );
    expect(refusals.flat().length).toBeGreaterThanOrEqual(1);
    for (const each of refusals) expect(each.length).toBeLessThanOrEqual(1);

    network.server.rules.minLayer = 0;
    for (let round = 0; round < 2; round += 1) {
      built.clock.jump(2 * HOUR_MS);
      network.server.wire.cut();
      for (const id of IDS) await built.until(id, ({ state }) => state !== 'connected' && state !== 'degraded');
      for (const id of IDS) await built.until(id, ({ state }) => state === 'connected' || state === 'degraded');
    }
    for (const id of IDS)
      expect(await built.session(id)).toMatchObject({ state: 'connected', version: { current: GRAMJS } });
    for (const { account } of benches) expect(network.keysOf(account)).toHaveLength(1);
    expect(await built.eventsOf('s1')).toEqual(
      expect.arrayContaining(['session.version_changed', 'session.degraded', 'session.recovered']),
    );
  });
});
