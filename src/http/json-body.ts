import type { FastifyRequest } from 'fastify';
import { BellhopError } from '../core/errors.ts';

/** No request of ours nests deeper than 6; metadata may hold small trees of the caller's own. */
const MAX_DEPTH = 32;
const LONE_SURROGATE = /\p{Surrogate}/u;

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON text, kept only where an idempotency key needs its fingerprint. */
    rawBody: string | null;
  }
}

/** Parses a JSON body for fastify. Refuses what is no JSON, nests too deep, or carries keys that could reach a prototype. */
export function parseJsonBody(
  request: FastifyRequest,
  text: string,
  done: (error: Error | null, body?: unknown) => void,
): void {
  if (request.headers['idempotency-key'] !== undefined) request.rawBody = text;
  try {
    const body = text === '' ? undefined : readJson(text);
    // fastify says null where there is no body at all, which is something else
    if (body === null) throw new BellhopError('invalid_request', { detail: 'Expected object.' });
    done(null, body);
  } catch (error) {
    done(error instanceof Error ? error : new BellhopError('malformed_json'));
  }
}

/** Throws `malformed_json` or `invalid_request`. */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BellhopError('malformed_json');
  }
  inspect(value, 0);
  return value;
}

function inspect(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) {
      throw new BellhopError('invalid_request', { detail: 'A text holds half of a surrogate pair.' });
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) {
    throw new BellhopError('invalid_request', { detail: `The body nests deeper than ${MAX_DEPTH} levels.` });
  }
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      throw new BellhopError('invalid_request', {
        detail: 'The keys __proto__, constructor and prototype are not allowed.',
      });
    }
    inspect(item, depth + 1);
  }
}
