/** A public object with the JSON text under which it is stored, so that no text is made twice. */
export interface Stored<T> {
  readonly value: T;
  readonly json: string;
}

/** JSON text that this store made from a `T`. Row types name it, so that a column is read back as what was written. */
export type JsonOf<T> = string & { readonly of?: T };

export function decode<T>(text: JsonOf<T>): T {
  // Only the table classes write these columns, from typed objects; checking forty fields on each read would cost more than the read.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(text) as T;
}

export function encode<T>(value: T): Stored<T> {
  return { value, json: JSON.stringify(value) };
}
