import { z } from 'zod';
import type { ConnectorEvent, SendErrorCode } from '../connector-api/index.ts';
import {
  attachmentKinds,
  disconnectKinds,
  finalReasons,
  limitScopes,
  textEntityTypes,
} from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';
import { unknownCause } from './causes.ts';
import { contactCard } from './model/message.ts';

/** Libraries compute with fractions; the store holds whole milliseconds and pixels. */
const whole = z.number().transform(Math.round);
const wholeAmount = z.number().nonnegative().transform(Math.round);
const epochMs = whole;
const address = z.string().min(1);
const addresses = z.tuple([address], address);
const person = z.object({ addresses, displayName: z.string().exactOptional() });
const chat = z.object({ kind: z.enum(['direct', 'group']), addresses, title: z.string().exactOptional() });
const reference = z.object({ networkId: z.string().min(1), sender: address.exactOptional() });

const mediaRef = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().nonnegative(),
  mimeType: z.string().min(1),
});
const attachmentFacts = {
  kind: z.enum(attachmentKinds),
  filename: z.string().exactOptional(),
  durationMs: wholeAmount.exactOptional(),
  width: wholeAmount.exactOptional(),
  height: wholeAmount.exactOptional(),
};
const inboundAttachment = z.discriminatedUnion('status', [
  z.object({ ...attachmentFacts, status: z.literal('stored'), media: mediaRef }),
  z.object({ ...attachmentFacts, status: z.literal('unavailable'), mimeType: z.string(), reason: z.string() }),
]);

const textEntity = z.object({
  type: z.enum(textEntityTypes),
  offset: z.int().nonnegative(),
  length: z.int().positive(),
  url: z.string().exactOptional(),
  language: z.string().exactOptional(),
});
const entities = z.array(textEntity).exactOptional();

/** Formatting that reaches beyond its text is dropped: no message is lost over it. */
function withinText<T extends { body?: string; entities?: z.infer<typeof textEntity>[] }>(said: T): T {
  if (said.entities === undefined) return said;
  const length = said.body?.length ?? 0;
  return { ...said, entities: said.entities.filter((entity) => entity.offset + entity.length <= length) };
}

/** Looser than what we send: a guest's poll or contact card is what it is. */
const inboundContact = z.object({ name: z.string(), phones: z.array(contactCard.shape.phones.element) });
const inboundPoll = z.object({
  question: z.string(),
  options: z.array(z.string()),
  multiple: z.boolean(),
});
const inboundLocation = z.object({
  latitude: z.number(),
  longitude: z.number(),
  name: z.string().exactOptional(),
});

const content = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), body: z.string(), entities }).overwrite(withinText),
  z
    .object({
      type: z.literal('media'),
      body: z.string().exactOptional(),
      entities,
      attachments: z.tuple([inboundAttachment], inboundAttachment),
    })
    .overwrite(withinText),
  z.object({ type: z.literal('location'), location: inboundLocation }),
  z.object({ type: z.literal('contacts'), contacts: z.array(inboundContact) }),
  z.object({ type: z.literal('poll'), poll: inboundPoll }),
  z.object({ type: z.literal('button'), buttonId: z.string(), label: z.string() }),
  z.object({ type: z.literal('unsupported'), nativeKind: z.string() }),
]);

const inboundMessage = z.object({
  networkId: z.string().min(1),
  chat,
  sender: person,
  direction: z.enum(['inbound', 'outbound']),
  content,
  replyTo: reference.exactOptional(),
  albumId: z.string().min(1).exactOptional(),
  forwarded: z.boolean().exactOptional(),
  sentAt: epochMs,
  raw: z.string().exactOptional(),
});

const receipt = z.object({
  chat,
  networkIds: z.tuple([z.string()], z.string()),
  status: z.enum(['sent', 'delivered', 'read']),
  by: address.exactOptional(),
  at: epochMs,
});

const sendErrorCode = z.enum([
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
]) satisfies z.ZodType<SendErrorCode>;

const cause = z.object({
  kind: z.enum(disconnectKinds),
  code: z.string(),
  nativeCode: z.string().exactOptional(),
  retryAfterMs: wholeAmount.exactOptional(),
  detail: z.string().exactOptional(),
  final: z.enum(finalReasons).exactOptional(),
  anyVersion: z.literal(true).exactOptional(),
  native: z.record(z.string(), z.json()).exactOptional(),
});

const at = epochMs;
const connectorEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), message: inboundMessage }),
  z.object({ type: z.literal('receipt'), receipt }),
  z.object({
    type: z.literal('send_failed'),
    chat,
    networkId: z.string().min(1),
    code: sendErrorCode,
    nativeCode: z.string().exactOptional(),
    at,
  }),
  z.object({
    type: z.literal('reaction'),
    chat,
    target: reference,
    by: person,
    fromAccount: z.boolean(),
    emoji: z.string(),
    at,
  }),
  z.object({
    type: z.literal('poll_vote'),
    chat,
    target: reference,
    by: person,
    fromAccount: z.boolean(),
    options: z.array(z.int().nonnegative()),
    at,
  }),
  z
    .object({ type: z.literal('edited'), chat, target: reference, body: z.string(), entities, at })
    .overwrite(withinText),
  z.object({ type: z.literal('deleted'), chat, target: reference, at }),
  z.object({ type: z.literal('chat_read'), chat, upTo: reference, at }),
  z.object({ type: z.literal('identity'), person }),
  z.object({ type: z.literal('chat_updated'), chat }),
  z.object({ type: z.literal('typing'), chat, by: address, on: z.boolean() }),
  z.object({ type: z.literal('presence'), by: address, online: z.boolean(), lastSeenAt: epochMs.exactOptional() }),
  z.object({ type: z.literal('canary'), token: z.string(), at, missed: z.int().nonnegative().exactOptional() }),
  z.object({
    type: z.literal('limit'),
    scope: z.enum(limitScopes).exclude(['chat']),
    origin: z.string().regex(/^[a-z_]{1,32}$/),
    state: z.enum(['open', 'warned', 'closed']),
    endsInMs: wholeAmount.exactOptional(),
    left: wholeAmount.exactOptional(),
    nativeCode: z.string().exactOptional(),
  }),
  z.object({ type: z.literal('disconnected'), cause }),
]);

/**
 * What a child process claims to be an event, checked. A connector that breaks its contract must not write nonsense into the
 * store. Throws a BellhopError `internal_error` that names the field, never its value.
 */
export function parseEvent(value: unknown): ConnectorEvent {
  const parsed = connectorEvent.safeParse(value);
  if (parsed.success) return parsed.data;
  // Libraries like to spell out what is absent; read on without it. Rare, so that the usual event is walked through once.
  const again = connectorEvent.safeParse(withoutUndefined(value));
  if (again.success) return again.data;
  // The end of a connection must never be missed, whatever the connector says about its cause.
  if (isRecord(value) && value['type'] === 'disconnected') return { type: 'disconnected', cause: unknownCause };
  const [issue] = again.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new BellhopError('internal_error', {
    detail: `The connector reported an event that breaks its contract at "${field}" (${issue?.code ?? 'unknown'}).`,
  });
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutUndefined(member)]));
}
