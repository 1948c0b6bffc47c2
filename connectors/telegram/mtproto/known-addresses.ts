import type { TlObject } from '../tl.ts';
import type { MtprotoEndpoint } from './client.ts';
import type { DataCentre } from './data-centres.ts';
import { readDataCentres } from './data-centres.ts';

/** Where a login begins that knows no better; an account that lives elsewhere is told so by the network. */
export const DEFAULT_DC_ID = 2;

/** Telegram's own data centres, as its applications have them built in; what `help.getConfig` says later goes before it. */
const TELEGRAM: ReadonlyMap<number, DataCentre> = new Map([
  [1, { host: '149.154.175.53', port: 443 }],
  [2, { host: '149.154.167.51', port: 443 }],
  [3, { host: '149.154.175.100', port: 443 }],
  [4, { host: '149.154.167.91', port: 443 }],
  [5, { host: '91.108.56.130', port: 443 }],
]);

/** Where the data centres of each network are. One for an engine: what one client learns, the next one need not ask. */
export class KnownAddresses {
  readonly #learned = new Map<string, ReadonlyMap<number, DataCentre>>();

  find(endpoint: MtprotoEndpoint | undefined, dcId: number): DataCentre | undefined {
    if (endpoint?.dcId === dcId) return { host: endpoint.host, port: endpoint.port };
    const learned = this.#learned.get(nameOf(endpoint))?.get(dcId);
    return learned ?? (endpoint === undefined ? TELEGRAM.get(dcId) : undefined);
  }

  /** Takes in an answer of `help.getConfig`. */
  learn(endpoint: MtprotoEndpoint | undefined, config: TlObject): void {
    this.#learned.set(nameOf(endpoint), readDataCentres(config));
  }
}

function nameOf(endpoint: MtprotoEndpoint | undefined): string {
  return endpoint === undefined ? '' : `${endpoint.host}:${endpoint.port}`;
}
