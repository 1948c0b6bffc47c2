import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import { z } from 'zod';
import { MediaTooLargeError } from '../../connector-api/index.ts';
import { BellhopError } from '../../core/errors.ts';
import { media } from '../../engine/model/access.ts';
import { DEFAULT_PROPERTY, mediaId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import { readRange, sliceBytes } from '../files/byte-range.ts';
import { attachmentHeader, cleanFilename } from '../files/content-disposition.ts';
import { sniffType } from '../files/sniff-type.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { Idempotency } from '../idempotency.ts';
import { readClaim } from '../idempotency.ts';
import type { ApiServer } from '../route-doc.ts';

const LONGEST_PART_HEADER = 8_192;
const path = z.object({ id: mediaId });

/** Registered in a scope of its own: the multipart parser adds hooks that other routes need not run. */
export async function mediaRoutes(app: ApiServer, deps: HttpDeps & { idempotency: Idempotency }): Promise<void> {
  const { store, media: files, config } = deps;
  await app.register(multipart, {
    throwFileSizeLimit: false,
    // one byte more than allowed: the media store itself refuses what is too large, and leaves nothing behind
    limits: {
      files: 1,
      fields: 0,
      parts: 1,
      fileSize: config.mediaLimitBytes + 1,
      headerPairs: 16,
      fieldNameSize: 100,
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/media',
    bodyLimit: config.mediaLimitBytes + LONGEST_PART_HEADER * 2,
    config: {
      doc: {
        operationId: 'uploadMedia',
        tag: 'Media',
        summary: 'Upload a file to send',
        description: 'One part named `file`. The type is read from the bytes themselves.',
        access: 'messages:send',
        idempotency: 'route',
        upload: true,
        answers: { 201: { description: 'The file is stored.', schema: media } },
        errors: [
          'media_too_large',
          'media_incomplete',
          'unsupported_media_type',
          'idempotency_key_reused',
          'store_full',
        ],
      },
    },
    handler: async (request, reply) => {
      const part = await request.file().catch((error: unknown) => {
        throw incomplete(error);
      });
      if (part === undefined) {
        throw new BellhopError('invalid_request', { pointer: 'file', detail: 'Expected one part with a file.' });
      }
      const limitBytes = config.mediaLimitBytes;
      const ref = await (async () => {
        const { mimeType, source } = await sniffType(part.file, part.mimetype);
        return files.write(source, { mimeType, limitBytes });
      })().catch((error: unknown) => {
        part.file.resume();
        throw incomplete(error);
      });
      const filename = part.filename === '' ? null : cleanFilename(part.filename);
      const fingerprint = createHash('sha256')
        .update(JSON.stringify([filename, ref.mimeType, ref.sha256]))
        .digest('hex');
      const repeat = await deps.idempotency.begin(request, reply, readClaim(request, fingerprint));
      if (repeat !== undefined) return repeat;
      const property = principalOf(request).property ?? DEFAULT_PROPERTY;
      const saved = await store.saveMedia({ property, media: ref, filename });
      return reply.code(201).header('location', `/v1/media/${saved.id}`).send(saved);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/media/:id',
    exposeHeadRoute: true,
    schema: { params: path },
    config: {
      doc: {
        operationId: 'downloadMedia',
        tag: 'Media',
        summary: 'Download a file',
        description: 'Supports `Range` (one range) and `If-None-Match`.',
        access: 'messages:read',
        idempotency: 'none',
        answers: {
          200: { description: 'The bytes.', types: ['application/octet-stream'] },
          206: { description: 'The range asked for.', types: ['application/octet-stream'] },
          304: { description: 'Unchanged.' },
        },
        errors: ['not_found', 'media_gone', 'range_not_satisfiable'],
      },
    },
    handler: async (request, reply) => {
      const found = await store.getMedia(request.params.id, principalOf(request).property);
      if (found === null) throw new BellhopError('not_found');
      const etag = `"${found.sha256}"`;
      // private data: a browser may keep it, but asks again each time
      reply.header('etag', etag).header('cache-control', 'private, no-cache').header('accept-ranges', 'bytes');
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
      if (!(await files.has(found.sha256))) throw new BellhopError('media_gone');

      const ifRange = request.headers['if-range'];
      const isFresh = ifRange === undefined || ifRange === etag;
      const range = isFresh ? readRange(request.headers.range, found.sizeBytes) : null;
      if (range === 'unsatisfiable') {
        reply.header('content-range', `bytes */${found.sizeBytes}`);
        throw new BellhopError('range_not_satisfiable', { detail: `The file has ${found.sizeBytes} bytes.` });
      }
      reply.header('content-type', found.mimeType).header('content-disposition', attachmentHeader(found.filename));
      reply.header('content-security-policy', "default-src 'none'; sandbox; frame-ancestors 'none'");
      const length = range === null ? found.sizeBytes : range.end - range.start + 1;
      reply.header('content-length', length);
      if (range !== null) {
        reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${found.sizeBytes}`);
      }
      // an empty stream: fastify would set the length of an empty answer otherwise
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      const bytes = files.open({ sha256: found.sha256, sizeBytes: found.sizeBytes, mimeType: found.mimeType });
      return reply.send(range === null ? bytes : Readable.from(sliceBytes(bytes, range), { objectMode: false }));
    },
  });
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}

/** What breaks while an upload is read is the upload's fault, unless it says otherwise. */
function incomplete(error: unknown): unknown {
  if (error instanceof BellhopError || error instanceof MediaTooLargeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isOurs = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO' || code === 'EACCES' || code === 'EROFS';
  const isForm = typeof code === 'string' && code.startsWith('FST_') && code !== 'FST_MP_PREMATURE_CLOSE';
  return isOurs || isForm ? error : new BellhopError('media_incomplete', { cause: error });
}
