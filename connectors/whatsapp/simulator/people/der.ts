/** Just enough of ASN.1 DER to write an X.509 certificate (ITU-T X.690). Every function returns one encoded element. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;
const CONSTRUCTED_CONTEXT = 0xa0;
const PRIMITIVE_CONTEXT = 0x80;
const SHORT_LENGTH_LIMIT = 0x80;

export type Der = Uint8Array;

export function sequence(...items: readonly Der[]): Der {
  return element(TAG.sequence, concat(items));
}

export function set(...items: readonly Der[]): Der {
  return element(TAG.set, concat(items));
}

/** A non-negative integer from big-endian bytes. */
export function integer(bytes: Uint8Array): Der {
  const first = bytes[0] ?? 0;
  return element(TAG.integer, first >= SHORT_LENGTH_LIMIT ? concat([Uint8Array.of(0), bytes]) : bytes);
}

export function boolean(value: boolean): Der {
  return element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Der {
  return element(TAG.bitString, concat([Uint8Array.of(unusedBits), bytes]));
}

export function octetString(bytes: Uint8Array): Der {
  return element(TAG.octetString, bytes);
}

export function utf8String(text: string): Der {
  return element(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** `YYYYMMDDHHMMSSZ`. */
export function generalizedTime(text: string): Der {
  return element(TAG.generalizedTime, Buffer.from(text, 'ascii'));
}

/** Dotted form, e.g. `2.5.29.17`. */
export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAG.objectId, Uint8Array.from([first * 40 + second, ...rest.flatMap(toBase128)]));
}

/** `[number]` around an element. */
export function explicit(number: number, content: Der): Der {
  return element(CONSTRUCTED_CONTEXT + number, content);
}

/** `[number] IMPLICIT` over raw bytes. */
export function implicit(number: number, bytes: Uint8Array): Der {
  return element(PRIMITIVE_CONTEXT + number, bytes);
}

function element(tag: number, content: Uint8Array): Der {
  return concat([Uint8Array.of(tag), toLength(content.length), content]);
}

function toLength(length: number): Uint8Array {
  if (length < SHORT_LENGTH_LIMIT) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.from([SHORT_LENGTH_LIMIT + bytes.length, ...bytes]);
}

function toBase128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) + 128);
  return digits;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
