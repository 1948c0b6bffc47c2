import type { Tag } from '../route-doc.ts';
import { describeEvents } from './event-section.ts';
import { SchemaCollector, type SchemaObject } from './json-schema.ts';
import { type DocumentedRoute, describeOperation, errorExamples } from './operation.ts';

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

const tags: Readonly<Record<Tag, string>> = {
  Messages: 'What a guest or the hotel says.',
  Conversations: 'Threads with one guest or several; every event in one has a gapless `seq`.',
  Guests: 'People, with the addresses by which channels reach them.',
  Media: 'Files that come and go with messages.',
  Sessions: 'Linked accounts, kept alive by their connectors.',
  Events: 'One fact each, with a cursor: as a log, as a stream, over a WebSocket.',
  Webhooks: 'Endpoints of yours that events are delivered to, signed and in order per conversation.',
  Alerts: 'What is wrong, since when, and what a person should do.',
  Keys: 'API keys and their scopes.',
  Operation: 'Health, metrics and this description.',
};

const DESCRIPTION = `Bellhop carries messages between guests' messengers and a hotel's systems.

Errors are \`application/problem+json\` with a stable \`code\` and a \`remedy\`. Lists are paged by \`limit\` and \`cursor\`. Unsafe requests
honour \`Idempotency-Key\`: the same key and body give the same answer once. Each answer carries \`X-Request-Id\`, \`RateLimit\` and
\`RateLimit-Policy\`. A key that is bound to one property sees nothing of another.`;

/** Builds the description from the registered routes: the schemas that validate requests are the ones shown. */
export function buildDocument(routes: readonly DocumentedRoute[], version: string): OpenApiDocument {
  const schemas = new SchemaCollector();
  const paths: Record<string, Record<string, SchemaObject>> = {};
  for (const route of routes) {
    if (route.doc.hidden === true) continue;
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeOperation(route, schemas) };
  }
  const webhooks = describeEvents(schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bellhop API',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This daemon.' }],
    security: [{ apiKey: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    webhooks,
    components: {
      examples: errorExamples(routes.filter(({ doc }) => doc.hidden !== true)),
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer bhk_…`.' },
      },
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description: 'Makes a repeat of this request safe: up to 255 printable ASCII characters of your choice.',
          schema: { type: 'string', minLength: 1, maxLength: 255 },
        },
        LastEventId: {
          name: 'Last-Event-ID',
          in: 'header',
          required: false,
          description: 'The last `id:` that was seen; goes before `after`.',
          schema: { type: 'string' },
        },
      },
      schemas: schemas.components(),
    },
  };
}
