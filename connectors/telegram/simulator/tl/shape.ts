import type { TlObject, TlValue } from '../../tl.ts';
import { TlEncodeError } from './errors.ts';
import type { ValueCodec } from './primitives.ts';
import type { TlReader } from './reader.ts';
import type { TlDefinition } from './schema.ts';
import type { TlWriter } from './writer.ts';

interface Field {
  readonly name: string;
  readonly where: string;
  readonly codec: ValueCodec;
  /** Position of the flags that rule over it, and its mask. */
  readonly condition: { readonly slot: number; readonly mask: number } | undefined;
  readonly isTrue: boolean;
}

type Step = { readonly flags: readonly Field[] } | { readonly field: Field };

/** One constructor or method, made ready: the order of its fields and how each is read and written. */
export class Shape {
  readonly definition: TlDefinition;
  readonly fieldNames: ReadonlySet<string>;
  readonly #steps: readonly Step[];

  constructor(definition: TlDefinition, codecOf: (param: TlDefinition['params'][number]) => ValueCodec) {
    this.definition = definition;
    const slots = definition.params.filter(({ type }) => type.kind === 'flags').map(({ name }) => name);
    const fields = definition.params
      .filter(({ type }) => type.kind !== 'flags')
      .map((param): Field => {
        const slot = param.condition === undefined ? -1 : slots.indexOf(param.condition.flags);
        return {
          name: param.name,
          where: `${definition.name}.${param.name}`,
          codec: codecOf(param),
          condition: param.condition === undefined ? undefined : { slot, mask: 2 ** param.condition.bit },
          isTrue: param.type.kind === 'true',
        };
      });
    this.fieldNames = new Set(fields.map(({ name }) => name));
    const byName = new Map(fields.map((field) => [field.name, field]));
    this.#steps = definition.params.flatMap(({ name, type }): Step[] => {
      if (type.kind === 'flags')
        return [{ flags: fields.filter(({ condition }) => condition?.slot === slots.indexOf(name)) }];
      const field = byName.get(name);
      return field === undefined ? [] : [{ field }];
    });
  }

  /** Everything behind the constructor id. */
  read(reader: TlReader): TlObject {
    const value: Record<string, TlValue> = { _: this.definition.name };
    const flags: number[] = [];
    for (const step of this.#steps) {
      if ('flags' in step) flags.push(reader.uint());
      else if (isPresent(step.field, flags)) value[step.field.name] = step.field.codec.read(reader);
    }
    return asObject(value, this.definition.name);
  }

  write(writer: TlWriter, value: TlObject): void {
    const flags: number[] = [];
    for (const step of this.#steps) {
      if ('flags' in step) {
        const word = flagsOf(step.flags, value);
        flags.push(word);
        writer.uint(word);
      } else if (isPresent(step.field, flags)) {
        step.field.codec.write(writer, value[step.field.name], step.field.where);
      }
    }
  }
}

function asObject(value: Record<string, TlValue>, name: string): TlObject {
  return Object.assign(value, { _: name });
}

function isPresent({ condition }: Field, flags: readonly number[]): boolean {
  return condition === undefined || ((flags[condition.slot] ?? 0) & condition.mask) !== 0;
}

/** The word of bits that `value` asks for. A bit that several fields share is set as soon as one of them is there. */
function flagsOf(fields: readonly Field[], value: TlObject): number {
  let word = 0;
  for (const { name, where, condition, isTrue } of fields) {
    const given = value[name];
    if (given === undefined || condition === undefined) continue;
    if (isTrue && typeof given !== 'boolean') throw new TlEncodeError(`${where} must be a boolean`);
    if (!isTrue || given === true) word |= condition.mask;
  }
  return word >>> 0;
}
