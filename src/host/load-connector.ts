import type { Connector } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';

/** One entry of the registry, as far as loading needs it. */
export interface LoadableConnector {
  readonly manifest: { readonly library: string };
  load(): Promise<{ readonly connector: Connector<unknown> }>;
}

/** Loads a connector with its library. Rejects with `unknown_channel`, or `connector_missing` when the library is not installed. */
export async function loadConnector(entry: LoadableConnector | undefined): Promise<Connector<unknown>> {
  if (entry === undefined) throw new BellhopError('unknown_channel');
  try {
    return (await entry.load()).connector;
  } catch (cause) {
    if (isRecord(cause) && cause['code'] === 'ERR_MODULE_NOT_FOUND') {
      throw new BellhopError('connector_missing', { detail: `npm install ${entry.manifest.library}`, cause });
    }
    throw cause;
  }
}
