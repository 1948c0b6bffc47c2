import { z } from 'zod';
import { errorRegistry } from '../../core/error-registry.ts';
import type { ErrorCode } from '../../core/errors.ts';

/** Codes in the order of the registry; `satisfies` in the test keeps them complete. */
export const errorCodes: readonly string[] = Object.keys(errorRegistry);

export const problem = z
  .object({
    type: z.string().meta({ examples: ['urn:bellhop:error:invalid_request'] }),
    code: z.string().meta({ enum: errorCodes, description: 'Stable; act on this.' }),
    title: z.string(),
    status: z.int(),
    remedy: z.string().meta({ description: 'What a person can do about it.' }),
    detail: z.string().optional().meta({ description: 'What happened this time.' }),
    pointer: z
      .string()
      .optional()
      .meta({ description: 'Where in the request.', examples: ['attachments[0].mediaId'] }),
    retryAfter: z.number().optional().meta({ description: 'Seconds until another try makes sense.' }),
    instance: z.string().optional().meta({ description: 'The id of the request, as in X-Request-Id.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem.' });

/** What any route may answer. */
export const commonErrors: readonly ErrorCode[] = [
  'invalid_request',
  'rate_limited',
  'internal_error',
  'store_unavailable',
  'shutting_down',
];
