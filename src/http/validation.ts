import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { BellhopError } from '../core/errors.ts';

/** Where a value came from; the prefix of pointers outside the body. */
type Part = 'body' | 'query' | 'path';

/** Compiles the zod schemas of a route to code; zod itself looks again at what is refused, to say why. A missing body counts as `{}`, so that routes with optional fields need none. */
export const compileSchema: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = partOf(httpPart);
  const quick = z.compile(schema);
  return (data: unknown) => {
    const result = quick.safeParse(part === 'body' ? (data ?? {}) : data);
    return result.success ? { value: result.data } : { error: validationError(result.error, part) };
  };
};

function partOf(httpPart: string | undefined): Part {
  if (httpPart === 'params') return 'path';
  return httpPart === 'querystring' ? 'query' : 'body';
}

/** The first issue as a `BellhopError`; an id in the path that cannot exist is simply not found. */
export function validationError(error: z.ZodError, part: Part = 'body'): BellhopError {
  if (part === 'path') return new BellhopError('not_found');
  const issue = error.issues[0];
  if (issue === undefined) return new BellhopError('invalid_request');
  const path = part === 'query' ? ['query', ...issue.path] : issue.path;
  const pointer = formatPointer(issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path);
  return new BellhopError('invalid_request', {
    detail: explain(issue),
    ...(pointer === '' ? {} : { pointer }),
  });
}

/** `attachments[0].mediaId`. Keys come from the caller, so they are cut and cleaned. */
export function formatPointer(path: readonly PropertyKey[]): string {
  let pointer = '';
  for (const step of path) {
    if (typeof step === 'number') pointer += `[${step}]`;
    else pointer += `${pointer === '' ? '' : '.'}${cleanKey(String(step))}`;
  }
  return pointer;
}

const LONGEST_KEY = 60;

function cleanKey(key: string): string {
  return key.replace(/[^\w@-]/g, '_').slice(0, LONGEST_KEY);
}

/** Fields of the published contract that a later version brings: whoever sends them is told so. */
const PLANNED_FIELDS: ReadonlySet<string> = new Set(['fallback', 'template']);

/** What was expected. Never repeats the value: it may be a message or a phone number. */
function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      if (issue.keys.some((key) => PLANNED_FIELDS.has(key))) return 'This field is planned and not built yet.';
      return `This field is not known here: ${issue.keys.slice(0, 3).map(cleanKey).join(', ')}.`;
    case 'invalid_type':
      return `Expected ${issue.expected}.`;
    case 'invalid_value':
      return `Expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}.`;
    case 'too_big':
      return `Expected at most ${issue.maximum}${unitOf(issue.origin)}.`;
    case 'too_small':
      return `Expected at least ${issue.minimum}${unitOf(issue.origin)}.`;
    case 'invalid_format':
      if (issue.format === 'datetime') return 'Expected a time with its zone, like 2026-03-04T15:00:00Z.';
      return issue.format === 'regex' && issue.pattern !== undefined
        ? `Expected a text like ${issue.pattern}.`
        : `Expected ${issue.format}.`;
    case 'not_multiple_of':
      return `Expected a multiple of ${issue.divisor}.`;
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
      return 'Expected another kind of value.';
    case 'custom':
      return issue.message;
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' ? ' items' : '';
}
