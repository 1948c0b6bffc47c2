import type { FastifyReply, FastifyRequest } from 'fastify';
import { MediaTooLargeError, SendError } from '../connector-api/index.ts';
import { BellhopError, toBellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import { toProblem } from '../core/problem.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
/** Where a 429 or 503 names no time of its own. */
const DEFAULT_RETRY_SECONDS = 1;

/** Answers with a problem; logs what was unforeseen, with the original error and never with the request's content. */
export function problemHandler(log: Logger): (error: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    const known = fromHttp(error);
    if (known.code === 'internal_error') {
      log.error('request failed', {
        requestId: request.id,
        route: request.routeOptions.url,
        error: error instanceof Error ? error : null,
      });
    }
    sendProblem(reply, known);
  };
}

export function sendProblem(reply: FastifyReply, error: BellhopError): void {
  const isTemporary = error.status === 429 || error.status === 503;
  const retryAfter = error.retryAfterSeconds ?? (isTemporary ? DEFAULT_RETRY_SECONDS : undefined);
  if (retryAfter !== undefined) reply.header('retry-after', Math.ceil(retryAfter));
  if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="bellhop"');
  // the rest of a body that nobody reads must not be taken for the next request
  if (error.status === 413 || error.code === 'media_incomplete') reply.header('connection', 'close');
  reply
    .code(error.status)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(error, reply.request.id)));
}

/** Whatever a handler, a hook, fastify or one of its plugins threw, as an error of the registry. */
export function fromHttp(error: unknown): BellhopError {
  if (error instanceof BellhopError) return error;
  if (error instanceof MediaTooLargeError) {
    return new BellhopError('media_too_large', { detail: `At most ${error.limitBytes} bytes.` });
  }
  if (error instanceof SendError) return fromNetwork(error);
  const code = isRecord(error) && typeof error['code'] === 'string' ? error['code'] : '';
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new BellhopError('body_too_large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return new BellhopError('unsupported_media_type');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new BellhopError('invalid_request', { detail: 'The body is not as long as Content-Length says.' });
    case 'FST_ERR_BAD_URL':
      return new BellhopError('invalid_request', { detail: 'The path is not validly encoded.' });
    case 'FST_REQ_FILE_TOO_LARGE':
      return new BellhopError('media_too_large');
    case 'ENOSPC':
    case 'EDQUOT':
      return new BellhopError('store_full', { cause: error });
    default:
      return isClientError(error) && code.startsWith('FST_')
        ? new BellhopError('invalid_request', { cause: error })
        : toBellhopError(error);
  }
}

/** A change of a message or a read mark that the network refused, with the connector's words and the network's own code. */
function fromNetwork(error: SendError): BellhopError {
  const { code, message, nativeCode, retryAfterMs } = error;
  const known = [
    ...(message === code ? [] : [message]),
    ...(nativeCode === undefined ? [] : [`The network's code: ${nativeCode}.`]),
  ];
  return new BellhopError(code, {
    cause: error,
    ...(known.length === 0 ? {} : { detail: known.join(' ') }),
    ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) }),
  });
}

function isClientError(error: unknown): boolean {
  const status = isRecord(error) ? error['statusCode'] : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}
