import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { AccessStore, IdempotencyClaim } from '../engine/ports/index.ts';
import { principalOf } from './access-hook.ts';
import { openAnswer, sealAnswer } from './sealed-answer.ts';

/** Printable ASCII; 255 is the limit of the contract. */
const KEY = /^[\x20-\x7e]{1,255}$/;
export const JSON_TYPE = 'application/json; charset=utf-8';

declare module 'fastify' {
  interface FastifyRequest {
    /** The claim that this request holds; settled when its answer goes out. */
    claim: IdempotencyClaim | null;
  }
}

/** The claim of a request with an `Idempotency-Key`, or `undefined` without one. Throws `invalid_request`. */
export function readClaim(request: FastifyRequest, fingerprintOf?: string): IdempotencyClaim | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new BellhopError('invalid_request', {
      pointer: 'Idempotency-Key',
      detail: 'Expected 1 to 255 printable ASCII characters.',
    });
  }
  const fingerprint = createHash('sha256')
    .update(`${request.method} ${request.url}\n`)
    .update(fingerprintOf ?? request.rawBody ?? '')
    .digest('hex');
  return { scope: principalOf(request).keyId, key, fingerprint };
}

/** Gives each unsafe request that carries a key the same answer once, through the store. Messages do this in their own transaction. */
export class Idempotency {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(deps: { store: AccessStore; clock: Clock; log: Logger }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** preHandler of routes with `idempotency: 'hook'`. Answers a repeat itself. */
  async before(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (request.routeOptions.config.doc?.idempotency !== 'hook') return undefined;
    return this.begin(request, reply, readClaim(request));
  }

  /** For handlers that know their fingerprint late. Resolves with the reply when it was a repeat and has been answered. */
  async begin(request: FastifyRequest, reply: FastifyReply, claim: IdempotencyClaim | undefined): Promise<unknown> {
    if (claim === undefined) return undefined;
    const state = await this.#store.claimIdempotency(claim, this.#clock.now());
    switch (state.state) {
      case 'claimed':
        request.claim = claim;
        return undefined;
      case 'in_progress':
        throw new BellhopError('idempotency_in_progress', { retryAfterSeconds: 1 });
      case 'replay':
        return replay(reply, { status: state.status, body: unseal(request, claim, state.body) });
    }
  }

  /** onSend: the answer is stored before it leaves; a failure frees the key. */
  async settle(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const claim = request.claim;
    if (claim === null) return;
    request.claim = null;
    try {
      if (reply.statusCode < 400) {
        const body = typeof payload === 'string' ? payload : '';
        await this.#store.completeIdempotency(claim, { status: reply.statusCode, body: seal(request, claim, body) });
      } else {
        await this.#store.releaseIdempotency(claim);
      }
    } catch (error) {
      // the effect has happened and must be told; the claim stays taken, so a repeat cannot do it twice
      this.#log.error('answer of an idempotent request not stored', {
        requestId: request.id,
        error: error instanceof Error ? error : null,
      });
    }
  }
}

/** Sends an answer that was stored as text. */
export function replay(reply: FastifyReply, answer: { status: number; body: string }): FastifyReply {
  reply.code(answer.status);
  if (answer.body === '') return reply.send();
  return reply.header('content-type', JSON_TYPE).send(answer.body);
}

function seal(request: FastifyRequest, claim: IdempotencyClaim, body: string): string {
  return request.routeOptions.config.doc?.sealed === true ? sealAnswer(body, callerOf(request, claim)) : body;
}

function unseal(request: FastifyRequest, claim: IdempotencyClaim, body: string): string {
  return request.routeOptions.config.doc?.sealed === true ? openAnswer(body, callerOf(request, claim)) : body;
}

function callerOf(request: FastifyRequest, claim: IdempotencyClaim): { bearer: string; idempotencyKey: string } {
  return { bearer: request.headers.authorization ?? '', idempotencyKey: claim.key };
}
