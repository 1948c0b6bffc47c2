import type { BellhopError, ErrorCode } from './errors.ts';

/** An error as it leaves the daemon: RFC 9457 `application/problem+json`, with our stable `code` and what to do about it. */
export interface Problem {
  readonly type: string;
  readonly code: ErrorCode;
  readonly title: string;
  readonly status: number;
  readonly remedy: string;
  /** What happened this time. */
  readonly detail?: string;
  /** Where in the input, e.g. `attachments[0].mediaId`. */
  readonly pointer?: string;
  /** Seconds until another try makes sense. */
  readonly retryAfter?: number;
  /** The id of the request, as in `X-Request-Id` and in the log. */
  readonly instance?: string;
}

/** Used by the HTTP adapter for a whole answer, and by the engine for one item of a batch. */
export function toProblem(error: BellhopError, instance?: string): Problem {
  return {
    type: `urn:bellhop:error:${error.code}`,
    code: error.code,
    title: error.title,
    status: error.status,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    remedy: error.remedy,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfter: error.retryAfterSeconds }),
    ...(instance === undefined ? {} : { instance }),
  };
}
