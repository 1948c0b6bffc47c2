import { createHash } from 'node:crypto';
import type { TlObject } from './tl.ts';
import { longAt, objectAt, textAt } from './tl-fields.ts';

/** Sixteen of them tell any two texts of a day apart, and tell nobody what they say. */
const DIGEST_DIGITS = 16;

/** What a message of the account is known by again, when its id is not known. */
export interface SentMark {
  /** `text`, or the kind of what is attached: `messageMediaPhoto`, `messageMediaDocument`, … */
  readonly kind: string;
  /** Of the text or caption. */
  readonly digest: string;
  /** Of a document that the network keeps as it is. */
  readonly sizeBytes?: number;
}

/** Attachments of this kind are the network's own addition to a text. */
const NO_ATTACHMENT: ReadonlySet<string> = new Set([
  'messageMediaEmpty',
  'messageMediaWebPage',
  'messageMediaUnsupported',
]);

/** The network trims texts and rewrites some spaces. */
export function digestOf(text: string): string {
  const plain = text.trim().replaceAll(/\s+/g, ' ');
  return createHash('sha256').update(plain, 'utf8').digest('hex').slice(0, DIGEST_DIGITS);
}

/** The mark of a message as the network tells it (`message` of any layer). */
export function markOfMessage(message: TlObject): SentMark {
  const media = objectAt(message, 'media');
  const kind = media === undefined || NO_ATTACHMENT.has(media._) ? 'text' : media._;
  const document = media === undefined ? undefined : objectAt(media, 'document');
  const size = document === undefined ? undefined : longAt(document, 'size');
  return {
    kind,
    digest: digestOf(textAt(message, 'message') ?? ''),
    ...(size === undefined ? {} : { sizeBytes: Number(size) }),
  };
}

/** Whether a message of the account may be the one that was sent. */
export function isSame(sent: SentMark, seen: SentMark): boolean {
  const isSize = sent.sizeBytes === undefined || seen.sizeBytes === undefined || sent.sizeBytes === seen.sizeBytes;
  return sent.kind === seen.kind && sent.digest === seen.digest && isSize;
}
