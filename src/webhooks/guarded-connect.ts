import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';
import type { buildConnector } from 'undici';
import type { AddressPolicy } from './address-policy.ts';

/** The target is an address that deliveries must not reach. */
export class ForbiddenTargetError extends Error {
  constructor() {
    super('the target is not a public address and not on the allow-list');
    this.name = 'ForbiddenTargetError';
  }
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;
export type Lookup = (hostname: string, options: LookupOptions, callback: LookupCallback) => void;

/**
 * A connector for undici that checks the address actually dialled: names are checked as they resolve, in the same lookup that
 * the socket uses (a name that answers differently the second time gains nothing), literals before the socket is made,
 * because no lookup happens for them.
 */
export function guardedConnector(
  policy: AddressPolicy,
  options: { build: typeof buildConnector; timeoutMs: number; lookup?: Lookup },
): buildConnector.connector {
  const resolve: Lookup = options.lookup ?? systemLookup;
  const lookup: Lookup = (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (error, answer) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const all = typeof answer === 'string' ? [{ address: answer, family: isIP(answer) }] : answer;
      const permitted = all.filter((entry) => policy.allows(entry.address));
      const first = permitted[0];
      if (first === undefined) callback(new ForbiddenTargetError(), []);
      else if (lookupOptions.all === true) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };
  const connect = options.build({ timeout: options.timeoutMs, lookup });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !policy.allows(host)) callback(new ForbiddenTargetError(), null);
    else connect(target, callback);
  };
}
