import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../connectors/whatsapp/simulator/people/phone.ts';
import { link, muteConsole, Town } from '../../connectors/whatsapp/test/session-support.ts';
import { systemClock } from '../../src/core/clock.ts';
import { MemoryVault } from '../support/memory-vault.ts';
import { VersionHouse } from '../support/version-house.ts';

const HOUR_MS = 3_600_000;
const IDS = ['s1', 's2', 's3'] as const;
/** Newest first. */
const versions: [number, number, number][] = [5, 4, 3, 2, 1].map((number) => [2, 3000, 1_000_000_000 + number]);
const named = (number: number): string => `2.3000.${1_000_000_000 + number}`;

describe('WhatsApp in a box refuses client versions, and unmodified Baileys connects with another one', () => {
  const town = new Town();
  const vaults = new Map<string, MemoryVault>();
  const phones: Phone[] = [];
  let house: VersionHouse | undefined;
  const { faults } = town.network;

  beforeAll(async () => {
    muteConsole();
    await town.start();
    for (const id of IDS) {
      const vault = new MemoryVault({ clock: systemClock });
      const session = town.session(vault);
      const phone = town.phone();
      phones.push(phone);
      await link(session, phone);
      await session.close();
      vaults.set(id, vault);
    }
  });
  afterEach(async () => {
    await house?.stop();
    house = undefined;
    faults.clear();
  });
  afterAll(() => town.stop());

  const accept = (oldest: number, newest: number): void =>
    faults.acceptVersions({ oldest: versionOf(oldest), newest: versionOf(newest) });
  const versionOf = (number: number): [number, number, number] => [2, 3000, 1_000_000_000 + number];

  async function connected(more: { readonly liveVersions?: string } = {}): Promise<VersionHouse> {
    const config = { ...town.config, versions, ...more };
    house = await VersionHouse.open({
      channel: 'whatsapp',
      config,
      vaults,
    });
    for (const id of IDS) await house.until(id, ({ state }) => state === 'connected');
    return house;
  }

  it.each([
    ['the newest', 4, 1],
    ['the newest two', 3, 2],
    ['all but the third', 3, 2],
    ['all but the oldest', 1, 4],
  ] as const)('%s', async (name, accepted, refused) => {
    const built = await connected();
    accept(name === 'all but the third' ? accepted : 1, accepted);
    const begunAt = built.clock.now();
    faults.cut();
    for (const id of IDS) await built.until(id, ({ state }) => state === 'degraded');
    const elapsedMs = built.clock.now() - begunAt;
    expect(elapsedMs).toBeLessThan(120_000);
    for (const id of IDS) {
      expect((await built.session(id)).version).toMatchObject({ current: named(accepted), wanted: named(5) });
    }
    const attempts = await Promise.all(IDS.map(async (id) => refusalsOf(built, id)));
    expect(Math.max(...attempts)).toBeLessThanOrEqual(refused + 1);
    // All were cut together, so each may have met the first refusal; only one went on looking.
    expect(attempts.filter((count) => count > 1).length).toBeLessThanOrEqual(1);
    // The same links as before: nobody had to scan anything.
    for (const phone of phones) expect(phone.companions()).toHaveLength(1);
  });

  describe('while the page that publishes the newest version', () => {
    const page = createServer((_request, response) => answer(response));
    let answer: (response: ServerResponse) => void = () => undefined;
    let liveVersions = '';

    beforeAll(async () => {
      await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
      liveVersions = `http://127.0.0.1:${(page.address() as AddressInfo).port}/sw.js`; // a TCP server's address is one
    });
    afterAll(() => {
      page.closeAllConnections();
      page.close();
    });
    const publish = (number: number) => (response: ServerResponse) => {
      response.end(`{"client_revision":${1_000_000_000 + number}}`);
    };

    it.each([
      ['lies', publish(9)],
      ['never answers', () => undefined],
      [
        'answers something else',
        (response: ServerResponse) => void response.end('<html>Welcome to Hotel Wi-Fi</html>'),
      ],
    ])('%s: an accepted version is found all the same', async (_name, given) => {
      answer = given;
      const built = await connected({ liveVersions });
      accept(1, 3);
      const begunAt = built.clock.now();
      faults.cut();
      for (const id of IDS) await built.until(id, ({ state }) => state === 'degraded');
      expect(built.clock.now() - begunAt).toBeLessThan(120_000);
      for (const id of IDS)
        expect((await built.session(id)).version).toMatchObject({ current: named(3), wanted: named(5) });
    });

    it('tells the truth: what no list of ours knows is found, and counts as the newest', async () => {
      answer = publish(9);
      const built = await connected({ liveVersions });
      accept(9, 9);
      faults.cut();
      for (const id of IDS)
        await built.until(id, ({ state, version }) => state === 'connected' && version.current === named(9));
      expect((await built.session('s1')).version.wanted).toBe(named(9));
    });
  });

  it('flapping: it ends on what is accepted in the end, and goes back up when the newest is', async () => {
    const built = await connected();
    accept(1, 4);
    faults.cut();
    await built.until('s1', ({ state }) => state === 'degraded');
    accept(1, 2);
    faults.cut();
    for (const id of IDS)
      await built.until(id, ({ state, version }) => state === 'degraded' && version.current === named(2));
    accept(1, 5);
    built.clock.jump(2 * HOUR_MS);
    // One natural reconnect after the other: the versions above are tried by one session each time.
    for (let round = 0; round < 3; round += 1) {
      faults.cut();
      for (const id of IDS) await built.until(id, ({ state }) => state !== 'connected' && state !== 'degraded');
      for (const id of IDS) await built.until(id, ({ state }) => state === 'connected' || state === 'degraded');
      built.clock.jump(2 * HOUR_MS);
    }
    for (const id of IDS)
      expect(await built.session(id)).toMatchObject({ state: 'connected', version: { current: named(5) } });
  });
});

async function refusalsOf(built: VersionHouse, id: string): Promise<number> {
  return (await built.timeline(id)).filter(({ reason }) => reason?.code === 'whatsapp_405_client_outdated').length;
}
