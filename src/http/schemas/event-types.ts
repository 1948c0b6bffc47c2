import { z } from 'zod';
import { eventTypes, liveEventTypes } from '../../engine/model/event.ts';

const MOST_TYPES = 50;

/** `message.received`, or a prefix such as `message.*`. */
export function eventPattern(known: readonly string[]) {
  return z
    .string()
    .max(60)
    .refine(
      (pattern) => known.some((type) => matchesType(pattern, type)),
      'Expected an event type, or a prefix such as message.*.',
    )
    .meta({ examples: ['message.received', 'message.*'] });
}

/** Types of a webhook; live events never go there. */
export const webhookTypes = z.array(eventPattern(eventTypes)).max(MOST_TYPES);

const streamPattern = eventPattern([...eventTypes, ...liveEventTypes]);

/** `?types=message.*,session.connected` */
export const typesQuery = z
  .string()
  .transform((text) => text.split(',').filter((part) => part !== ''))
  .pipe(z.array(streamPattern).max(MOST_TYPES))
  .optional()
  .meta({ description: 'Names or prefixes, separated by commas; all when absent.', examples: ['message.*,session.*'] });

export function matchesType(pattern: string, type: string): boolean {
  return pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
}
