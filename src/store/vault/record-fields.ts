import { BellhopError } from '../../core/errors.ts';

const LENGTH_BYTES = 4;

/** Joins byte strings so that `unpackFields` finds the same ones again: each is preceded by its length. */
export function packFields(fields: readonly Uint8Array[]): Uint8Array {
  const total = fields.reduce((sum, field) => sum + LENGTH_BYTES + field.length, 0);
  const packed = Buffer.alloc(total);
  let offset = 0;
  for (const field of fields) {
    packed.writeUInt32BE(field.length, offset);
    packed.set(field, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + field.length;
  }
  return packed;
}

/** The fields of `packFields`, as copies. Throws `vault_corrupt` when there are not exactly `count` of them. */
export function unpackFields(packed: Uint8Array, count: number): readonly Uint8Array[] {
  const view = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const fields: Uint8Array[] = [];
  let offset = 0;
  while (offset < view.length) {
    if (offset + LENGTH_BYTES > view.length) throw malformed();
    const start = offset + LENGTH_BYTES;
    const end = start + view.readUInt32BE(offset);
    if (end > view.length) throw malformed();
    fields.push(Uint8Array.from(view.subarray(start, end)));
    offset = end;
  }
  if (fields.length !== count) throw malformed();
  return fields;
}

export function textField(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

export function readTextField(field: Uint8Array | undefined): string {
  if (field === undefined) throw malformed();
  return Buffer.from(field).toString('utf8');
}

/** A whole number, or none at all. */
export function numberField(value: number | undefined): Uint8Array {
  return textField(value === undefined ? '' : String(value));
}

export function readNumberField(field: Uint8Array | undefined): number | undefined {
  const text = readTextField(field);
  if (text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw malformed();
  return value;
}

function malformed(): BellhopError {
  return new BellhopError('vault_corrupt', { detail: 'A record of the session vault has the wrong shape.' });
}
