import { findConnector } from '../connectors/registry.ts';
import { systemClock } from './core/clock.ts';
import { systemRandom } from './core/random.ts';
import { loadConnector } from './host/load-connector.ts';
import { serveChild } from './host/serve-child.ts';
import { FileMediaStore } from './store/media/index.ts';
import { openVault } from './store/vault/index.ts';

/** The composition root of a child process: real clock, real vaults, every connector of this build. */
serveChild({
  clock: systemClock,
  compose: (init) => ({
    loadConnector: (channel) => loadConnector(findConnector(channel)),
    openVault: (sessionId) =>
      openVault({ dir: init.sessionsDir, sessionId, masterKey: init.sessionsKey, clock: systemClock }),
    media: new FileMediaStore({ dir: init.mediaDir }),
    clock: systemClock,
    random: systemRandom,
  }),
});
