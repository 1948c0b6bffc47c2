import { createHash } from 'node:crypto';
import type { Addressing } from './addresses.ts';

/** Who lives in a {@link Town}. Keys are how tests, scripts and the control interface name somebody. */
export interface Cast {
  readonly phones: readonly PhoneRole[];
  readonly guests: readonly GuestRole[];
}

export interface PhoneRole {
  readonly key: string;
  readonly name: string;
  /** Digits of an international number without plus. */
  readonly number: string;
}

export interface GuestRole extends PhoneRole {
  /** Key of the phone that this guest writes to; the first one if not given. */
  readonly hotel?: string;
  readonly language?: string;
  readonly addressing?: Addressing;
  readonly hidesNumber?: boolean;
  readonly readsAfterMs?: number;
}

const LID_DIGITS = 12;

export function toPn(number: string): string {
  return `${number}@s.whatsapp.net`;
}

/** The hidden address of a number: always the same, and nobody reads the number from it. */
export function toHiddenAddress(number: string): string {
  const hash = createHash('sha256').update(`hidden address of ${number}`).digest();
  const digits = Array.from(hash.subarray(0, LID_DIGITS), (byte) => String(byte % 10)).join('');
  return `100${digits}@lid`;
}

/**
 * The cast of the sandbox. The numbers are set aside for fiction by the regulators (Bundesnetzagentur, Ofcom, Arcep, NANPA), so
 * that no living person is ever named.
 */
export const sandboxCast: Cast = {
  phones: [{ key: 'hotel', name: 'Hotel Seeblick', number: '493023125100' }],
  guests: [
    { key: 'katrin', name: 'Katrin Berger', number: '491713920010', language: 'de' },
    { key: 'jonas', name: 'Jonas Berger', number: '491713920011', language: 'de' },
    { key: 'james', name: 'James Whitfield', number: '447700900123', language: 'en', addressing: 'pn' },
    { key: 'chloe', name: 'Chloé Martin', number: '33639980123', language: 'fr' },
    { key: 'marcus', name: 'Marcus Reed', number: '12025550142', language: 'en', hidesNumber: true },
  ],
};
