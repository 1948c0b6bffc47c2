import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { BellhopError } from '../core/errors.ts';
import type { TargetGuard } from '../engine/ports/index.ts';
import type { AddressPolicy } from './address-policy.ts';

export type Resolve = (hostname: string) => Promise<readonly string[]>;

const resolveBySystem: Resolve = async (hostname) =>
  (await systemLookup(hostname, { all: true })).map((entry) => entry.address);

/** The friendly half of the guard: an early, clear answer. The connection itself is checked by `guardedConnector`. */
export function createTargetGuard(policy: AddressPolicy, resolve: Resolve = resolveBySystem): TargetGuard {
  return {
    async check(text) {
      const url = parseUrl(text);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
      if (addresses.length > 0 && !addresses.some((address) => policy.allows(address))) {
        throw new BellhopError('webhook_target_forbidden', {
          pointer: 'url',
          detail: 'The host is not a public address, and no range under webhooks.allowTargets covers it.',
        });
      }
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new BellhopError('webhook_target_invalid', {
      pointer: 'url',
      detail: 'Expected an http:// or https:// URL.',
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new BellhopError('webhook_target_invalid', {
      pointer: 'url',
      detail: 'A URL with credentials would end up in logs.',
    });
  }
  return url;
}
