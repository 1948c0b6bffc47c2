import type { RpcFailure } from './mtproto/client.ts';

/** An error of the server taken apart: `FLOOD_WAIT_42` is the word `FLOOD_WAIT` and the value 42, `FILE_PART_3_MISSING` has a value too. */
export interface RpcWord {
  readonly word: string;
  readonly value: number | undefined;
}

const VALUE = /_(\d+)(?=_|$)/;

export function readWord(text: string): RpcWord {
  const digits = VALUE.exec(text)?.[1];
  return digits === undefined
    ? { word: text, value: undefined }
    : { word: text.replace(VALUE, ''), value: Number(digits) };
}

const MS_PER_SECOND = 1000;

/** How long the server wants to be left alone; undefined when the error is no wait. Seconds stand in the error, here are milliseconds. */
export function waitOf(failure: Pick<RpcFailure, 'text'>): number | undefined {
  const { word, value } = readWord(failure.text);
  return /(^|_)WAIT$/.test(word) && value !== undefined ? value * MS_PER_SECOND : undefined;
}

/** The data centre that the server names in a 303, e.g. `PHONE_MIGRATE_4`. */
export function migrationOf(failure: Pick<RpcFailure, 'code' | 'text'>): number | undefined {
  const { word, value } = readWord(failure.text);
  return failure.code === 303 && word.endsWith('_MIGRATE') ? value : undefined;
}

/** A server that is not well (500 and its relatives, -503 = it gave up waiting for itself): what it did is not known. */
export const isServerTrouble = ({ code }: Pick<RpcFailure, 'code'>): boolean => code >= 500 || code < 0;
