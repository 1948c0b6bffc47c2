import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { ForkedHost, InlineHost, loadConnector } from '../../../src/host/index.ts';
import { FileMediaStore } from '../../../src/store/media/index.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { hostContract } from '../../contract/host-contract.ts';
import { findFakeConnector } from '../../support/fake-connector.ts';
import { fakeChildModule, temporaryInit } from '../../support/fake-connector-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

hostContract('the inline host', async () => {
  const { init, remove } = temporaryInit();
  const clock = new VirtualClock();
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
  return {
    host,
    clock,
    kill: () => host.crash(),
    dispose: async () => {
      await host.stop(5_000);
      remove();
    },
  };
});

hostContract('the forked host', async () => {
  const { init, remove } = temporaryInit();
  const clock = new VirtualClock();
  const host = new ForkedHost({ init, clock, log: silentLogger, childModule: fakeChildModule });
  return {
    host,
    clock,
    kill: () => {
      for (const { pid } of host.children()) if (pid !== undefined) process.kill(pid, 'SIGKILL');
    },
    dispose: async () => {
      await host.stop(5_000);
      remove();
    },
  };
});
