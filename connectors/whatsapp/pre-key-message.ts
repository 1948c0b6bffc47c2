const SIGNED_PRE_KEY_ID_FIELD = 6; // of Signal's PreKeyWhisperMessage, which follows one byte of version
const VARINT = 0;
const BYTES = 2;
const LONGEST_VARINT_BYTES = 5; // 32 bits

/** Which of its keys a device is asked to begin a session with (`pkmsg`); undefined where the bytes do not tell. */
export function signedPreKeyIdIn(ciphertext: Uint8Array): number | undefined {
  let at = 1;
  while (at < ciphertext.length) {
    const tag = readVarint(ciphertext, at);
    const value = tag === undefined ? undefined : readVarint(ciphertext, tag.next);
    if (tag === undefined || value === undefined) return undefined;
    const wireType = tag.value & 7;
    if (wireType === VARINT && tag.value >>> 3 === SIGNED_PRE_KEY_ID_FIELD) return value.value;
    if (wireType !== VARINT && wireType !== BYTES) return undefined; // the message has no others
    at = wireType === VARINT ? value.next : value.next + value.value;
  }
  return undefined;
}

function readVarint(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let count = 0; count < LONGEST_VARINT_BYTES; count += 1) {
    const byte = bytes[from + count];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * count);
    if (byte < 0x80) return { value, next: from + count + 1 };
  }
  return undefined;
}
