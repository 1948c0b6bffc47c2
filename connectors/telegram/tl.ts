/**
 * A value of Telegram's TL language, the same whichever library speaks it: `int` and `double` are numbers, every `long` is a
 * bigint, `string` a string, `bytes`, `int128` and `int256` are Uint8Array, `Bool` and `flags.N?true` are booleans, vectors are arrays,
 * and constructors and methods are `TlObject`. Fields of a `flags.N?` that is not set are absent; `flags` themselves never show.
 */
export type TlValue = string | number | bigint | boolean | Uint8Array | readonly TlValue[] | TlObject;

/**
 * A constructor or a method call: `_` names it, in camel case and with its namespace (`messages.sendMessage`, `updateNewMessage`).
 * Fields are in camel case too: `random_id` of the schema is `randomId`, `srp_B` is `srpB`.
 */
export interface TlObject {
  readonly _: string;
  readonly [field: string]: TlValue | undefined;
}
