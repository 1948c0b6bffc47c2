import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from '../../src/core/clock.ts';
import type { BareAuth, BareServices } from './bare-child.ts';
import type { NetworkServices } from './network-child.ts';
import { RemoteProcess } from './remote.ts';

const LOOK_EVERY_MS = 50;
const LINKS_AT_ONCE = 4;
const LIMIT_MS = 600_000;

/** A process with nothing in it but Baileys. */
export function startBareProcess(): RemoteProcess<BareServices> {
  return new RemoteProcess<BareServices>(fileURLToPath(new URL('./bare-child.ts', import.meta.url)));
}

/** Links one client to each account and resolves with what each remembers. The process is then no longer needed. */
export async function linkBareClients(
  network: RemoteProcess<NetworkServices>,
  { endpoint, accounts }: { endpoint: string; accounts: readonly number[] },
): Promise<Map<number, BareAuth>> {
  const bare = startBareProcess();
  const waiting = [...accounts];
  const work = async (): Promise<void> => {
    for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
      const qr = await bare.call('link', { index: account, endpoint });
      await network.call('scan', { account, qr });
    }
  };
  await Promise.all(Array.from({ length: LINKS_AT_ONCE }, work));
  await waitUntil(async () => (await bare.call('opened', undefined)) >= accounts.length);
  await sleep(systemClock, 2_000); // the phones introduce themselves, the last keys are made
  const remembered = new Map<number, BareAuth>();
  for (const account of accounts) {
    const auth = await bare.call('exportAuth', account);
    if (auth !== undefined) remembered.set(account, auth);
  }
  bare.end();
  return remembered;
}

export async function waitUntil(isTrue: () => Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const until = systemClock.monotonic() + limitMs;
  while (!(await isTrue())) {
    if (systemClock.monotonic() > until) throw new Error(`not reached within ${limitMs} ms`);
    await sleep(systemClock, LOOK_EVERY_MS);
  }
}
