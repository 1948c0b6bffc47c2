import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { RuntimeParts } from '../../../src/host/index.ts';
import { HOST_METHODS } from '../../../src/host/methods.ts';
import { SessionRuntime } from '../../../src/host/session-runtime.ts';
import { fakeConnector } from '../../support/fake-connector.ts';
import { fakeSpec, Gate } from '../../support/fake-connector-host.ts';
import { MemoryVault } from '../../support/memory-vault.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function makeRuntime(gate: Gate): { runtime: SessionRuntime; vaults: string[] } {
  const clock = new VirtualClock();
  const vaults: string[] = [];
  const parts: RuntimeParts = {
    loadConnector: async () => {
      await gate.opened;
      return fakeConnector;
    },
    openVault: (sessionId) => {
      vaults.push(sessionId);
      return Object.assign(new MemoryVault({ clock }), { close: () => undefined });
    },
    media: {
      write: () => Promise.reject(new Error('no media here')),
      open: () => {
        throw new Error('no media here');
      },
    },
    clock,
    random: seededRandom(1),
    log: silentLogger,
  };
  return { runtime: new SessionRuntime({ parts, deliver: async () => undefined, onPulse: () => undefined }), vaults };
}

describe('opening a session while its library is still loading', () => {
  it('takes no vault when the daemon has given up meanwhile', async () => {
    const gate = new Gate();
    const { runtime, vaults } = makeRuntime(gate);
    const patience = new AbortController();
    const opening = runtime.serve(HOST_METHODS.open, fakeSpec(), patience.signal);
    patience.abort();
    gate.open();
    await expect(opening).rejects.toThrow();
    expect(vaults).toEqual([]);
  });

  it('takes no vault when everything was stopped meanwhile', async () => {
    const gate = new Gate();
    const { runtime, vaults } = makeRuntime(gate);
    const opening = runtime.serve(HOST_METHODS.open, fakeSpec(), new AbortController().signal);
    await runtime.stop();
    gate.open();
    await expect(opening).rejects.toMatchObject({ code: 'shutting_down' });
    expect(vaults).toEqual([]);
  });
});
