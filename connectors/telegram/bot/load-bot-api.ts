import { BellhopError } from '../../../src/core/errors.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { CreateBotApi } from './bot-api.ts';

const LIBRARY = 'grammy';
const NOT_FOUND: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/** Loads the library, once a process, when the first bot needs it. Rejects with `connector_missing` where it is not installed. */
export async function loadBotApi(): Promise<CreateBotApi> {
  try {
    return (await import('./grammy-api.ts')).createBotApi;
  } catch (cause) {
    if (isRecord(cause) && NOT_FOUND.includes(cause['code']))
      throw new BellhopError('connector_missing', { detail: `npm install ${LIBRARY}`, cause });
    throw cause;
  }
}
