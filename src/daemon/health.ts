import { BellhopError } from '../core/errors.ts';
import type { Store } from '../engine/ports/index.ts';
import type { HealthReport } from '../http/http-deps.ts';

/** For /readyz: without the store nothing can be taken. Never rejects. */
export async function checkHealth(store: Pick<Store, 'ping'>): Promise<HealthReport> {
  try {
    await store.ping();
    return { ready: true, checks: [{ name: 'store', ok: true }] };
  } catch (error) {
    const detail = error instanceof BellhopError ? error.code : 'unknown';
    return { ready: false, checks: [{ name: 'store', ok: false, detail }] };
  }
}
