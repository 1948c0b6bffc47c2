import { eventEnvelope, eventTypes } from '../../engine/model/event.ts';
import type { SchemaCollector, SchemaObject } from './json-schema.ts';

const header = (name: string, description: string): SchemaObject => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});

/** The `webhooks` section: what Bellhop sends, one entry an event type. Endpoints and both streams carry the same envelope. */
export function describeEvents(schemas: SchemaCollector): SchemaObject {
  const schema = schemas.add(eventEnvelope, 'output');
  const entries = eventTypes.map((type): [string, SchemaObject] => [
    type,
    {
      post: {
        operationId: `on_${type.replace('.', '_')}`,
        tags: ['Events'],
        summary: `Event ${type}`,
        security: [],
        parameters: [
          header('webhook-id', 'The id of the event; the same on every attempt.'),
          header('webhook-timestamp', 'Seconds since 1970 of this attempt.'),
          header('webhook-signature', '`v1,` and a base64 HMAC-SHA256, by the Standard Webhooks specification.'),
        ],
        requestBody: { required: true, content: { 'application/json': { schema } } },
        responses: {
          '2XX': { description: 'Taken. Anything else is tried again for three days.' },
          '410': { description: 'The endpoint is gone: the webhook is disabled.' },
        },
      },
    },
  ]);
  return Object.fromEntries(entries);
}
