// The composition root of a child process that knows test connectors only; real vaults and media, as in production.
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { PULSE_MS } from '../../src/engine/ports/connector-host.ts';
import { loadConnector, serveChild } from '../../src/host/index.ts';
import { FileMediaStore } from '../../src/store/media/index.ts';
import { openVault } from '../../src/store/vault/index.ts';
import { findTestConnector, hostileGauge } from './hostile-connector.ts';

/** Pulses come this often in tests; ms. */
const QUICK_PULSE_MS = 50;

const quickClock: Clock = {
  ...systemClock,
  after: (delayMs, work) => systemClock.after(delayMs === PULSE_MS ? QUICK_PULSE_MS : delayMs, work),
};

serveChild({
  clock: quickClock,
  compose: (init) => ({
    gauge: hostileGauge,
    loadConnector: (channel) => loadConnector(findTestConnector(channel)),
    openVault: (sessionId) =>
      openVault({ dir: init.sessionsDir, sessionId, masterKey: init.sessionsKey, clock: quickClock }),
    media: new FileMediaStore({ dir: init.mediaDir }),
    clock: quickClock,
    random: systemRandom,
  }),
});
