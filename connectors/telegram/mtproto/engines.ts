import { BellhopError } from '../../../src/core/errors.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { EngineName, MtprotoEngine } from './client.ts';

interface EngineSource {
  /** What npm calls its library. */
  readonly library: string;
  readonly load: () => Promise<MtprotoEngine>;
}

const sources: Readonly<Record<EngineName, EngineSource>> = {
  gramjs: { library: 'telegram', load: async () => (await import('./gramjs.ts')).gramjs },
  mtcute: { library: '@mtcute/node', load: async () => (await import('./mtcute.ts')).mtcute },
};

/**
 * Loads an engine with its library, which takes up to a second and some 30 MB, once a process: so only in the child, when a session needs
 * it. Rejects with `connector_missing` where the library is not installed.
 */
export async function loadEngine(name: EngineName, from = sources): Promise<MtprotoEngine> {
  const { library, load } = from[name];
  try {
    return await load();
  } catch (cause) {
    if (isRecord(cause) && (cause['code'] === 'ERR_MODULE_NOT_FOUND' || cause['code'] === 'MODULE_NOT_FOUND'))
      throw new BellhopError('connector_missing', { detail: `npm install ${library}`, cause });
    throw cause;
  }
}
