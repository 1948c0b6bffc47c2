import fc from 'fast-check';
import type { TlDefinition, TlParam, TlSchema, TlType } from '../simulator/tl/schema.ts';
import type { TlObject, TlValue } from '../tl.ts';

/** Random values of a schema; `depth` counts down to where only what must be there is there. */
export class Values {
  readonly #byType = new Map<string, TlDefinition[]>();
  readonly #byName = new Map<string, TlDefinition>();

  readonly #largestLong: bigint;

  constructor({ definitions }: TlSchema, largestLong = 2n ** 63n - 1n) {
    this.#largestLong = largestLong;
    for (const definition of definitions.filter(({ isMethod }) => !isMethod)) {
      this.#byName.set(definition.name, definition);
      this.#byType.set(definition.resultName, [...(this.#byType.get(definition.resultName) ?? []), definition]);
    }
  }

  object(definition: TlDefinition, depth: number): fc.Arbitrary<TlObject> {
    const bits = [...new Set(definition.params.flatMap(({ condition }) => (condition ? [bitOf(condition)] : [])))];
    return fc
      .record(Object.fromEntries(bits.map((bit) => [bit, depth > 0 ? fc.boolean() : fc.constant(false)])))
      .chain((flags) => {
        const present = definition.params.filter(
          ({ type, condition }) =>
            type.kind !== 'flags' && (condition === undefined || flags[bitOf(condition)] === true),
        );
        const fields = Object.fromEntries(present.map(({ name, type }) => [name, this.#value(type, depth - 1)]));
        return fc.record(fields).map((values) => ({ ...values, _: definition.name }));
      });
  }

  #value(type: TlType, depth: number): fc.Arbitrary<TlValue> {
    switch (type.kind) {
      case 'int':
        return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
      case 'long':
        return fc.bigInt({ min: -this.#largestLong - 1n, max: this.#largestLong });
      case 'double':
        return fc.double({ noNaN: true });
      case 'string':
        return fc.string({ unit: 'grapheme', maxLength: depth > 0 ? 300 : 5 });
      case 'bytes':
      case 'rest':
        return fc.uint8Array({ maxLength: depth > 0 ? 300 : 5 });
      case 'int128':
        return fc.uint8Array({ minLength: 16, maxLength: 16 });
      case 'int256':
        return fc.uint8Array({ minLength: 32, maxLength: 32 });
      case 'bool':
        return fc.boolean();
      case 'true':
        return fc.constant(true);
      case 'flags':
        return fc.constant(0);
      case 'vector':
        return fc.array(this.#value(type.item, depth - 1), { maxLength: depth > 0 ? 3 : 0 });
      case 'bare':
        return this.#one([this.#byName.get(type.name)], depth);
      case 'boxed':
        return this.#one(this.#byType.get(type.type) ?? [], depth);
    }
  }

  #one(candidates: readonly (TlDefinition | undefined)[], depth: number): fc.Arbitrary<TlObject> {
    const all = candidates.filter((candidate) => candidate !== undefined);
    const flat = all.filter(({ params }) => !params.some(isNested));
    const choice = depth > 0 || flat.length === 0 ? all : flat;
    return fc.constantFrom(...choice).chain((definition) => this.object(definition, depth));
  }
}

function bitOf({ flags, bit }: NonNullable<TlParam['condition']>): string {
  return `${flags} ${bit}`;
}

function isNested({ type, condition }: TlParam): boolean {
  return condition === undefined && (type.kind === 'boxed' || type.kind === 'bare');
}
