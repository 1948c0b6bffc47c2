import { expect } from 'vitest';
import type { SessionVitals } from '../../src/connector-api/index.ts';
import { hasVitals, SendError } from '../../src/connector-api/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { CheckGroup, Stage } from './connector-contract-stage.ts';
import { failureOf } from './connector-contract-stage.ts';

/** How long the daemon is held up, to see that this does not count as stuck; milliseconds. */
const HELD_MS = 300;
const MESSAGES = 10;

function vitalsOf(stage: Stage): SessionVitals {
  if (!hasVitals(stage.raw)) throw new Error('the session told vital signs, and does not any more');
  const vitals = stage.raw.vitals();
  expect(structuredClone(vitals)).toEqual(vitals);
  expect(vitals.silentForMs ?? 0).toBeGreaterThanOrEqual(0);
  expect(vitals.oldestPendingMs).toBeGreaterThanOrEqual(0);
  expect(Number.isInteger(vitals.pushes) && vitals.pushes >= 0).toBe(true);
  return vitals;
}

const isVital = (stage: Stage): boolean => stage.session.features.has('vitals');
const canAsk = (stage: Stage): boolean => stage.session.features.has('canary');

/** What sessions that tell how their line is, or can ask it, are held to; the others have nothing to prove here. */
export const livenessChecks: CheckGroup = {
  name: 'liveness',
  checks: [
    {
      name: 'vital signs know no silence without a connection',
      run: async (stage) => {
        await stage.online();
        if (!isVital(stage)) return;
        expect(vitalsOf(stage).silentForMs).not.toBeNull();
        await stage.session.call('disconnect', undefined);
        expect(vitalsOf(stage).silentForMs).toBeNull();
        await stage.connect();
        expect(vitalsOf(stage).silentForMs).not.toBeNull();
      },
    },
    {
      name: 'vital signs count what the network pushes, and nothing stays pending',
      run: async (stage) => {
        const guest = await stage.online();
        if (!isVital(stage)) return;
        for (const round of [1, 2, 3]) {
          const before = vitalsOf(stage).pushes;
          await stage.stored(await guest.say(`kit: push ${round}`));
          await stage.until('the count', () => vitalsOf(stage).pushes > before);
        }
        await stage.until('an empty library', () => vitalsOf(stage).oldestPendingMs === 0);
      },
    },
    {
      name: 'vital signs do not call stuck what waits for the daemon',
      run: async (stage) => {
        const guest = await stage.online();
        if (!isVital(stage)) return;
        let heldSince: number | undefined;
        let letGo = (): void => undefined;
        const door = new Promise<void>((resolve) => {
          letGo = resolve;
        });
        stage.daemon.store = (event) => {
          if (event.type !== 'message') return undefined;
          heldSince ??= systemClock.monotonic();
          return door;
        };
        const said = await guest.say('kit: hold me');
        const heldMs = (): number => (heldSince === undefined ? 0 : systemClock.monotonic() - heldSince);
        await stage.until('some time at the daemon', () => heldMs() >= HELD_MS);
        expect(vitalsOf(stage).oldestPendingMs).toBeLessThan(HELD_MS);
        letGo();
        await stage.stored(said);
      },
    },
    {
      name: 'a canary comes back with its token, each one once, and as nothing else',
      run: async (stage) => {
        const guest = await stage.online();
        if (!canAsk(stage)) return;
        for (const token of ['kitcanary1', 'kitcanary2']) {
          await stage.inTime('the canary at the network', stage.session.call('sendCanary', { token }));
          await stage.event('canary', (event) => event.token === token);
        }
        await stage.stored(await guest.say('kit: fence'));
        expect(stage.daemon.ofType('canary').map(({ token }) => token)).toEqual(['kitcanary1', 'kitcanary2']);
        expect(stage.daemon.messages).toHaveLength(1);
        expect(JSON.stringify(guest.seen())).not.toContain('kitcanary');
      },
    },
    {
      name: 'a canary comes back while messages flow, and none of them is lost',
      run: async (stage) => {
        const guest = await stage.online();
        if (!canAsk(stage)) return;
        const said: string[] = [];
        let asking: Promise<unknown> = Promise.resolve();
        for (let index = 0; index < MESSAGES; index += 1) {
          if (index === MESSAGES / 2) asking = stage.session.call('sendCanary', { token: 'kitflow' });
          said.push(await guest.say(`kit: flow ${index}`));
        }
        await stage.inTime('the canary at the network', asking);
        await stage.event('canary', (event) => event.token === 'kitflow');
        for (const networkId of said) await stage.stored(networkId);
      },
    },
    {
      name: 'a canary without a connection is refused',
      run: async (stage) => {
        await stage.online();
        if (!canAsk(stage)) return;
        await stage.session.call('disconnect', undefined);
        const failure = await stage.inTime(
          'the refusal',
          failureOf(stage.session.call('sendCanary', { token: 'kitnobody' })),
        );
        expect(failure).toBeInstanceOf(SendError);
      },
    },
    {
      name: 'the manifest says who answers canaries, and what is absent says so',
      run: async (stage) => {
        await stage.online();
        if (canAsk(stage)) {
          expect(stage.harness.connector.manifest.canaryAnsweredBy).toBeDefined();
          return;
        }
        const failure = await failureOf(stage.session.call('sendCanary', { token: 'kitabsent' }));
        expect(failure instanceof BellhopError && failure.code).toBe('capability_missing');
      },
    },
  ],
};
