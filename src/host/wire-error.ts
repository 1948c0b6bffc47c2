import { z } from 'zod';
import {
  DisconnectError,
  disconnectKinds,
  finalReasons,
  LoginError,
  limitScopes,
  SendError,
} from '../connector-api/index.ts';
import { errorRegistry } from '../core/error-registry.ts';
import type { ErrorCode } from '../core/errors.ts';
import { BellhopError } from '../core/errors.ts';
import { redact } from './redact.ts';

const MAX_FOREIGN_TEXT = 300; // of an error that no contract foresees; enough to recognise it

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorRegistry, code);

const sendCode = z.enum([
  'session_down',
  'send_rejected',
  'send_timeout',
  'rate_limited',
  'recipient_unknown',
  'encryption_failed',
  'media_transfer_failed',
  'media_gone',
  'media_too_large',
  'unsupported_content',
  'internal_error',
]);

const wireError = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('send'),
    code: sendCode,
    certainty: z.enum(['not_sent', 'maybe_sent']),
    retryable: z.boolean(),
    retryAfterMs: z.number().exactOptional(),
    scope: z.enum(['message', ...limitScopes]).exactOptional(),
    nativeCode: z.string().exactOptional(),
    detail: z.string(),
  }),
  z.object({
    kind: z.literal('disconnect'),
    reason: z.object({
      kind: z.enum(disconnectKinds),
      code: z.string(),
      nativeCode: z.string().exactOptional(),
      retryAfterMs: z.number().exactOptional(),
      detail: z.string().exactOptional(),
      final: z.enum(finalReasons).exactOptional(),
      anyVersion: z.literal(true).exactOptional(),
      native: z.record(z.string(), z.json()).exactOptional(),
    }),
  }),
  z.object({
    kind: z.literal('login'),
    code: z.enum(['expired', 'rejected', 'unsupported', 'outdated', 'cancelled', 'network']),
    detail: z.string(),
  }),
  z.object({
    kind: z.literal('bellhop'),
    code: z.string().refine(isErrorCode),
    detail: z.string().exactOptional(),
    pointer: z.string().exactOptional(),
    retryAfterSeconds: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal('foreign'), name: z.string(), text: z.string() }),
]);

/** An error as plain data. */
export type WireError = z.infer<typeof wireError>;

/** Causes stay where they are: they may hold what must not leave the process, and stacks mean nothing elsewhere. */
export function toWireError(error: unknown): WireError {
  if (error instanceof SendError) {
    return {
      kind: 'send',
      code: error.code,
      certainty: error.certainty,
      retryable: error.retryable,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.scope === undefined ? {} : { scope: error.scope }),
      ...(error.nativeCode === undefined ? {} : { nativeCode: error.nativeCode }),
      detail: error.message,
    };
  }
  if (error instanceof DisconnectError) return { kind: 'disconnect', reason: wireReason(error) };
  if (error instanceof LoginError) return { kind: 'login', code: error.code, detail: error.message };
  if (error instanceof BellhopError) {
    return {
      kind: 'bellhop',
      code: error.code,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
      ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    };
  }
  return error instanceof Error
    ? { kind: 'foreign', name: error.name, text: redact(error.message.slice(0, MAX_FOREIGN_TEXT)) }
    : { kind: 'foreign', name: 'NonError', text: typeof error };
}

/** The error again, as the class it was; what no contract foresees becomes `internal_error` with the original as its cause. */
export function fromWireError(data: unknown): Error {
  const parsed = wireError.safeParse(data);
  if (!parsed.success) return new BellhopError('internal_error', { cause: parsed.error });
  const error = parsed.data;
  switch (error.kind) {
    case 'send':
      return new SendError(error.code, error);
    case 'disconnect':
      return new DisconnectError(error.reason);
    case 'login':
      return new LoginError(error.code, error.detail);
    case 'bellhop':
      return isErrorCode(error.code) ? new BellhopError(error.code, error) : new BellhopError('internal_error');
    case 'foreign':
      return new BellhopError('internal_error', { cause: new Error(`${error.name}: ${error.text}`) });
  }
}

// `native` is whatever a network sent along; what cannot be written as JSON is of no use for diagnosis.
function wireReason(error: DisconnectError): Extract<WireError, { kind: 'disconnect' }>['reason'] {
  const { native, ...reason } = error.reason;
  if (native === undefined) return reason;
  const parsed = z.record(z.string(), z.json()).safeParse(native);
  return parsed.success ? { ...reason, native: parsed.data } : reason;
}
