import { afterAll } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import type { SessionHandle } from '../../../src/engine/ports/connector-host.ts';
import { PULSE_MS } from '../../../src/engine/ports/connector-host.ts';
import type { ChildInit } from '../../../src/host/index.ts';
import { ForkedHost, InlineHost, loadConnector } from '../../../src/host/index.ts';
import { FileMediaStore } from '../../../src/store/media/index.ts';
import { deleteVault, listVaults, openVault } from '../../../src/store/vault/index.ts';
import { hostContract } from '../../contract/host-contract.ts';
import { fakeChildModule, temporaryInit } from '../../support/fake-connector-host.ts';
import { findTestConnector } from '../../support/hostile-connector.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

hostContract('the inline host', async () => {
  const { init, remove } = temporaryInit();
  const clock = new VirtualClock();
  const host = new InlineHost({
    clock,
    log: silentLogger,
    parts: {
      loadConnector: (channel) => loadConnector(findTestConnector(channel)),
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
    beat: () => clock.advance(PULSE_MS),
    kill: () => host.crash(),
    dispose: async () => {
      await host.stop(5_000);
      remove();
    },
  };
});

// A child costs half a second to start, so tests share one until one of them kills or stops it.
let shared: { host: ForkedHost; clock: VirtualClock; init: ChildInit; remove: () => void } | undefined;

async function endShared(): Promise<void> {
  const ending = shared;
  shared = undefined;
  await ending?.host.stop(5_000);
  ending?.remove();
}

afterAll(endShared);

hostContract('the forked host', async () => {
  if (shared === undefined) {
    const clock = new VirtualClock();
    const { init, remove } = temporaryInit();
    shared = {
      clock,
      init,
      remove,
      host: new ForkedHost({ init, clock, log: silentLogger, childModule: fakeChildModule }),
    };
  }
  const { host, clock, init } = shared;
  const handles: SessionHandle[] = [];
  let spoiled = false;
  return {
    clock,
    host: {
      start: () => host.start(),
      renew: () => host.renew(),
      stop: (limitMs) => {
        spoiled = true;
        return host.stop(limitMs);
      },
      open: async (spec, listener) => {
        const handle = await host.open(spec, listener);
        handles.push(handle);
        return handle;
      },
    },
    beat: async () => undefined,
    kill: () => {
      spoiled = true;
      for (const { pid } of host.processes()) if (pid !== null) process.kill(pid, 'SIGKILL');
    },
    dispose: async () => {
      if (spoiled) return endShared();
      await Promise.all(handles.map((handle) => handle.close()));
      for (const sessionId of listVaults({ dir: init.sessionsDir })) deleteVault({ dir: init.sessionsDir, sessionId });
    },
  };
});
