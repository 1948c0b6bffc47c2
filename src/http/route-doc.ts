import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import type { Scope } from '../engine/model/access.ts';

/** `public` routes answer without a key; a test compares them with `publicPaths`. */
export type Access = Scope | 'public';

export const publicPaths: readonly string[] = ['/healthz', '/readyz', '/openapi.json', '/docs', '/docs/:asset'];

export type Tag =
  | 'Messages'
  | 'Conversations'
  | 'Guests'
  | 'Media'
  | 'Sessions'
  | 'Events'
  | 'Webhooks'
  | 'Alerts'
  | 'Keys'
  | 'Operation';

export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Content types other than JSON, e.g. `image/png`. */
  readonly types?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Stands beside each route: who may call it, what it answers. Enforced at registration and shown in the API description. */
export interface RouteDoc {
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** `hook`: the store keeps the answer. `route`: the handler claims the key itself. `none`: safe methods. */
  readonly idempotency: 'none' | 'hook' | 'route';
  /** The answer holds a secret: it is kept for a repeat only sealed under the caller's own key. */
  readonly sealed?: true;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes of the error registry beyond those that every route may answer. */
  readonly errors?: readonly ErrorCode[];
  /** Left out of the API description: parts of the /docs page. */
  readonly hidden?: true;
  /** The request is `multipart/form-data` with one file. */
  readonly upload?: true;
  /** What the API description says of the body where the validator takes more, to judge its parts alone. */
  readonly body?: z.ZodType;
  /** A body as somebody would really send it: what the page at /docs fills in. */
  readonly example?: Readonly<Record<string, unknown>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    doc?: RouteDoc;
  }
}

/** The server as routes see it: schemas of zod give the types of body, query and parameters. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
