import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionVitals } from '../../../src/connector-api/index.ts';
import { canSendCanary, hasVitals } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Stage } from '../../../test/contract/connector-contract-stage.ts';
import { findProgram } from '../../../test/support/programs.ts';
import { connector } from '../connector.ts';
import { clientOf, startXmppNetwork } from './conformance-network.ts';
import type { Proxy } from './proxy.ts';

const program = findProgram('prosody', 'prosody');
/** An idle machine needs some 10 ms; this is for one with twenty suites on it. */
const SOON_MS = 15_000;

describe.skipIf(program === null)('XMPP on Prosody, asked whether it hears', () => {
  let stage: Stage;
  let proxy: Proxy;
  beforeAll(async () => {
    const side = await startXmppNetwork(program ?? '');
    ({ proxy } = side);
    const harness = {
      connector,
      addresses: { direct: ['a@b.example'], group: [], refused: ['a'] },
      without: {},
      startNetwork: async () => side,
    } as const;
    stage = new Stage({ harness, side, account: await side.createAccount() });
  });
  afterAll(async () => {
    await stage.end();
    await stage.side.stop();
  });

  const vitals = (): SessionVitals => {
    if (!hasVitals(stage.raw)) throw new Error('no vital signs');
    return stage.raw.vitals();
  };
  const ask = async (token: string): Promise<void> => {
    if (!canSendCanary(stage.raw)) throw new Error('no canary');
    await stage.raw.sendCanary(token);
    await stage.event('canary', (event) => event.token === token);
  };

  it('answers by a canary that comes back from the server, behind what was said before', async () => {
    const guest = await stage.online();
    expect(vitals()).toMatchObject({ oldestPendingMs: 0, pushes: 0 });
    const begun = systemClock.monotonic();
    await ask('first');
    expect(systemClock.monotonic() - begun).toBeLessThan(SOON_MS);
    expect(vitals().pushes).toBe(0); // it was asked for
    const said = Array.from({ length: 25 }, (_, index) => guest.say(`before ${index}`));
    await Promise.all(said);
    await ask('second');
    const types = stage.daemon.events.map(({ type }) => type).filter((type) => type === 'message' || type === 'canary');
    expect(types).toEqual(['canary', ...said.map(() => 'message'), 'canary']);
    expect(vitals().pushes).toBeGreaterThanOrEqual(said.length);
    expect(vitals().silentForMs).toBeLessThan(SOON_MS);
  });

  it('has a canary also on a stream that was taken up again', async () => {
    await stage.account.cutLine?.();
    await stage.event('disconnected');
    expect(vitals()).toMatchObject({ silentForMs: null, pushes: 0 });
    await stage.connect();
    await ask('third');
  });

  it('keeps its duties to the server while the daemon is slow', async () => {
    let store: () => void = () => undefined;
    const isStored = new Promise<void>((resolve) => {
      store = resolve;
    });
    stage.daemon.store = () => isStored;
    const guest = await stage.side.createGuest(stage.account);
    const before = { asked: proxy.asked, acknowledged: proxy.acknowledged, pushes: vitals().pushes };
    await guest.say('held');
    await expect.poll(() => proxy.asked).toBeGreaterThan(before.asked);
    await expect.poll(() => proxy.acknowledged).toBeGreaterThan(before.acknowledged);
    expect(vitals().pushes).toBeGreaterThan(before.pushes);
    expect(vitals().oldestPendingMs).toBe(0); // the daemon has it in hand
    expect(stage.daemon.texts).not.toContain('held');
    expect(await clientOf(guest).ping(`${stage.account.address}/bellhop`)).toBe('result');
    store();
    stage.daemon.store = () => undefined;
    await stage.until('the message', () => stage.daemon.texts.includes('held'));
  });
});
