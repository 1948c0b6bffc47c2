import { hash } from 'node:crypto';
import type { Random } from '../core/random.ts';

const KEY_BYTES = 32; // 256 bits: guessing is hopeless, so a plain SHA-256 is enough at rest
const PREFIX = 'bhk_'; // lets secret scanners find a leaked key

/** A new API key. It is shown once; only its hash is stored. Also used by the command line. */
export function makeApiKey(random: Random): string {
  return `${PREFIX}${Buffer.from(random.bytes(KEY_BYTES)).toString('base64url')}`;
}

/** Lower-case hex SHA-256, the form in which keys are stored and configured. */
export function hashApiKey(key: string): string {
  return hash('sha256', key, 'hex');
}
