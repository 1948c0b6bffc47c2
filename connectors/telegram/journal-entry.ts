import { z } from 'zod';
import type { AttachmentKind, ConnectorEvent, InboundAttachment } from '../../src/connector-api/index.ts';
import { attachmentKinds } from '../../src/connector-api/index.ts';
import type { JsonValue } from '../../src/core/json.ts';
import { isRecord } from '../../src/core/json.ts';

/** A file whose bytes are still at the network. `source` says where: only the account that wrote it reads it. */
export interface PendingFile {
  readonly kind: AttachmentKind;
  readonly filename?: string;
  readonly durationMs?: number;
  readonly width?: number;
  readonly height?: number;
  readonly mimeType: string;
  readonly sizeBytes?: number;
  readonly source: JsonValue;
}

/**
 * What a spool entry of this connector holds: events that the daemon must store, in order, and the files that take the place of the
 * attachments of its (one) message of type `media`.
 */
export interface JournalEntry {
  readonly events: readonly ConnectorEvent[];
  readonly files: readonly PendingFile[];
}

// Only what `encodeEntry` wrote is read back, from an authenticated file.
const entry = z.object({
  events: z.array(z.custom<ConnectorEvent>(isRecord)),
  files: z.array(
    z.object({
      kind: z.enum(attachmentKinds),
      filename: z.string().exactOptional(),
      durationMs: z.number().exactOptional(),
      width: z.number().exactOptional(),
      height: z.number().exactOptional(),
      mimeType: z.string(),
      sizeBytes: z.number().exactOptional(),
      source: z.json(),
    }),
  ),
});

export function encodeEntry({ events, files }: JournalEntry): Uint8Array {
  return Buffer.from(JSON.stringify({ events, files }), 'utf8');
}

/** Throws where the bytes are of another version. */
export function decodeEntry(body: Uint8Array): JournalEntry {
  return entry.parse(JSON.parse(Buffer.from(body).toString('utf8')));
}

/** The lane of canaries, which wait for the others: see `InboxLanes`. */
export const CANARY_LANE = 'canary';

/** The chat whose order an entry keeps; what belongs to none is a chat of its own. */
export function laneOf({ events }: JournalEntry): string {
  for (const event of events) {
    if (event.type === 'canary') return CANARY_LANE;
    if (event.type === 'message') return event.message.chat.addresses[0];
    if (event.type === 'receipt') return event.receipt.chat.addresses[0];
    if ('chat' in event) return event.chat.addresses[0];
  }
  return '';
}

/** An attachment without its bytes: what a message in the journal carries until its file was fetched, and afterwards if that failed. */
export function unavailable(file: PendingFile, reason: string): InboundAttachment {
  return { ...describe(file), status: 'unavailable', mimeType: file.mimeType, reason };
}

/** The facts of a file that need no bytes. */
export function describe(file: PendingFile): Pick<InboundAttachment, 'kind' | 'filename'> {
  const { kind, filename, durationMs, width, height } = file;
  return {
    kind,
    ...(filename === undefined ? {} : { filename }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}

/** The same entry with its files fetched (or given up), one attachment for each. */
export function withAttachments(journal: JournalEntry, attachments: readonly InboundAttachment[]): JournalEntry {
  const [first, ...rest] = attachments;
  if (first === undefined) return journal;
  const events = journal.events.map((event): ConnectorEvent => {
    if (event.type !== 'message' || event.message.content.type !== 'media') return event;
    const content = { ...event.message.content, attachments: [first, ...rest] as const };
    return { ...event, message: { ...event.message, content } };
  });
  return { events, files: [] };
}
