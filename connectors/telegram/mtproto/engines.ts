import { BellhopError } from '../../../src/core/errors.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { EngineName, MtprotoEngine } from './client.ts';

/** The npm package behind each engine. */
const PACKAGES: Readonly<Record<EngineName, string>> = { gramjs: 'telegram', mtcute: '@mtcute/node' };

/**
 * Loads an engine with its library, which takes up to a second and some 30 MB, once a process: so only in the child, when a session needs
 * it. Rejects with `connector_missing` where the library is not installed.
 */
export async function loadEngine(name: EngineName): Promise<MtprotoEngine> {
  try {
    switch (name) {
      case 'gramjs':
        return (await import('./gramjs.ts')).gramjs;
      case 'mtcute':
        return (await import('./mtcute.ts')).mtcute;
    }
  } catch (cause) {
    if (isRecord(cause) && (cause['code'] === 'ERR_MODULE_NOT_FOUND' || cause['code'] === 'MODULE_NOT_FOUND'))
      throw new BellhopError('connector_missing', { detail: `npm install ${PACKAGES[name]}`, cause });
    throw cause;
  }
}
