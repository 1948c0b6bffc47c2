import { sleep, systemClock } from '../../src/core/clock.ts';
import type { NetworkServices } from './network-child.ts';
import type { Product } from './product.ts';
import type { RemoteProcess } from './remote.ts';

const LOOK_EVERY_MS = 50;
const LINKS_AT_ONCE = 4; // clients make hundreds of keys while they link
const LIMIT_MS = 600_000;

export function sessionId(index: number): string {
  return `bench-${index}`;
}

/** The part of a configuration that points the WhatsApp connector at the simulated network. */
export function networkYaml(address: { endpoint: string; trustedRoot: string }): string {
  return `channels: { whatsapp: { endpoint: "${address.endpoint}", trustedRoots: ["${address.trustedRoot}"] } }\npacing: { mode: "off" }\n`;
}

/** Links sessions `from` up to `to` through the API: a QR code each, scanned by the phone of that account. */
export async function linkSessions(
  product: Product,
  network: RemoteProcess<NetworkServices>,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const waiting = Array.from({ length: to - from }, (_, offset) => from + offset);
  const work = async (): Promise<void> => {
    for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
      await product.call('POST', '/v1/sessions', { id: sessionId(account), channel: 'whatsapp' });
      const path = `/v1/sessions/${sessionId(account)}`;
      const { qr } = await product.call<{ qr: string }>('POST', `${path}/link`, { method: 'qr' });
      await network.call('scan', { account, qr });
      await waitForState(product, account);
    }
  };
  await Promise.all(Array.from({ length: LINKS_AT_ONCE }, work));
}

export async function waitForState(product: Product, account: number, wanted = 'connected'): Promise<void> {
  const until = systemClock.monotonic() + LIMIT_MS;
  for (;;) {
    const { state } = await product.call<{ state: string }>('GET', `/v1/sessions/${sessionId(account)}`);
    if (state === wanted) return;
    if (systemClock.monotonic() > until) throw new Error(`${sessionId(account)} is still ${state}`);
    await sleep(systemClock, LOOK_EVERY_MS);
  }
}
