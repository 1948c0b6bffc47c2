// The composition root of a child process that knows the fake connector only; real vaults and media, as in production.
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { loadConnector, serveChild } from '../../src/host/index.ts';
import { FileMediaStore } from '../../src/store/media/index.ts';
import { openVault } from '../../src/store/vault/index.ts';
import { findFakeConnector } from './fake-connector.ts';

serveChild({
  clock: systemClock,
  compose: (init) => ({
    loadConnector: (channel) => loadConnector(findFakeConnector(channel)),
    openVault: (sessionId) =>
      openVault({ dir: init.sessionsDir, sessionId, masterKey: init.sessionsKey, clock: systemClock }),
    media: new FileMediaStore({ dir: init.mediaDir }),
    clock: systemClock,
    random: systemRandom,
  }),
});
