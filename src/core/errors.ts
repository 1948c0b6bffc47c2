import type { ErrorCode } from './error-registry.ts';
import { errorRegistry } from './error-registry.ts';

export type { ErrorCode } from './error-registry.ts';

export interface ErrorOptions {
  /** What happened this time, safe to show: no body, phone number or secret. */
  detail?: string;
  /** Where in the input, e.g. `attachments[0].mediaId`. */
  pointer?: string;
  /** Seconds until another try makes sense. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The one error type that reaches a person. Its code is stable; status, title and remedy come from the registry. */
export class BellhopError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly pointer: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(
      options.detail ?? errorRegistry[code].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'BellhopError';
    this.code = code;
    this.detail = options.detail;
    this.pointer = options.pointer;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return errorRegistry[this.code].status;
  }

  get title(): string {
    return errorRegistry[this.code].title;
  }

  get remedy(): string {
    return errorRegistry[this.code].remedy;
  }
}

/** `error` as a BellhopError; anything unforeseen becomes `internal_error` with the original as its cause. */
export function toBellhopError(error: unknown): BellhopError {
  return error instanceof BellhopError ? error : new BellhopError('internal_error', { cause: error });
}
