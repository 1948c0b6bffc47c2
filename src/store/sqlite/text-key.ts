import type { Message } from '../../engine/model/message.ts';
import { comparableText } from '../../engine/pacing/comparable-text.ts';
import type { StoreParts } from './parts.ts';

type Content = Pick<Message, 'body'> & Partial<Pick<Message, 'attachments' | 'contacts' | 'poll'>>;

/**
 * A keyed hash of what a reader would call the same message; `null` = nothing to compare. By its words where it has some, so that they
 * are the same over other files, else by its files, cards or question. A place is no message that anybody sends to many.
 */
export function textKeyOf(parts: StoreParts, content: Content): string | null {
  const words = comparableText(content.body) ?? comparableText(partsOf(content).join(' '));
  return words === null ? null : parts.secrets.mark(words);
}

function partsOf({ attachments = [], contacts = null, poll = null }: Content): readonly string[] {
  const files = attachments.map(({ sha256, mediaId, id }) => `file ${sha256 ?? mediaId ?? id}`);
  const cards = (contacts ?? []).map(({ name, phones }) => `card ${name} ${phones.join(' ')}`);
  return poll === null ? [...files, ...cards] : ['poll', poll.question, ...poll.options];
}
