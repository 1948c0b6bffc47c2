/** What a value is on the wire. */
export type TlType =
  | { readonly kind: 'int' | 'long' | 'double' | 'string' | 'bytes' | 'int128' | 'int256' | 'bool' | 'true' | 'flags' }
  /** All bytes that are left (`!X`): the call inside a wrapper, the answer inside `rpc_result`. */
  | { readonly kind: 'rest' }
  | { readonly kind: 'vector'; readonly item: TlType; readonly isBare: boolean }
  /** Any constructor of a type, with its id. */
  | { readonly kind: 'boxed'; readonly type: string }
  /** One constructor, without its id. */
  | { readonly kind: 'bare'; readonly name: string };

export interface TlParam {
  readonly name: string;
  readonly type: TlType;
  /** Present where bit `bit` of the field `flags` is set. */
  readonly condition?: { readonly flags: string; readonly bit: number };
}

/** A constructor or a method. */
export interface TlDefinition {
  /** Camel case, with its namespace. */
  readonly name: string;
  readonly id: number;
  readonly params: readonly TlParam[];
  readonly result: TlType;
  /** The type's name as the schema writes it. */
  readonly resultName: string;
  readonly isMethod: boolean;
}

export interface TlSchema {
  readonly layer: number;
  readonly definitions: readonly TlDefinition[];
}

const PRIMITIVES: Readonly<Record<string, TlType>> = {
  '#': { kind: 'flags' },
  int: { kind: 'int' },
  long: { kind: 'long' },
  int53: { kind: 'long' }, // mtcute's word for a long that fits a number
  double: { kind: 'double' },
  string: { kind: 'string' },
  bytes: { kind: 'bytes' },
  int128: { kind: 'int128' },
  int256: { kind: 'int256' },
  Bool: { kind: 'bool' },
  true: { kind: 'true' },
  X: { kind: 'rest' },
  '!X': { kind: 'rest' },
};

/** `Vector<Peer>`, `%Message`, `auth.Authorization`, … */
export function parseType(text: string): TlType {
  const primitive = PRIMITIVES[text];
  if (primitive !== undefined) return primitive;
  const vector = /^([Vv])ector<(.+)>$/.exec(text);
  if (vector?.[2] !== undefined) return { kind: 'vector', item: parseType(vector[2]), isBare: vector[1] === 'v' };
  if (text.startsWith('%')) return { kind: 'bare', name: toCamelCase(text.slice(1)) };
  const last = text.split('.').at(-1) ?? text;
  return /^[a-z]/.test(last) ? { kind: 'bare', name: toCamelCase(text) } : { kind: 'boxed', type: text };
}

/** `flags.3?string` and the like. */
export function parseParam(name: string, text: string): TlParam {
  const conditional = /^(\w+)\.(\d+)\?(.+)$/.exec(text);
  if (conditional?.[1] === undefined || conditional[3] === undefined)
    return { name: toCamelCase(name), type: parseType(text) };
  return {
    name: toCamelCase(name),
    type: parseType(conditional[3]),
    condition: { flags: toCamelCase(conditional[1]), bit: Number(conditional[2]) },
  };
}

/** `new_nonce_hash1` → `newNonceHash1`; `messages.sendMessage` stays. */
export function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/gi, (_match, letter: string) => letter.toUpperCase());
}
