import type { ConnectorEvent, OutboundContent, OutboundMessage } from '../../src/connector-api/index.ts';

/** Mistakes that the kit must find; each is one that a real connector could make. */
export type Mistake =
  | 'repeats message ids'
  | 'keeps credentials of a cancelled login'
  | 'sends under ids of its own'
  | 'answers with the chosen id'
  | 'sends again as another message'
  | 'tells receipts backwards'
  | 'drops the quote of a reply'
  | 'does not react'
  | 'acknowledges before the daemon stored'
  | 'gives up what the daemon refused'
  | 'renames what comes again'
  | 'forgets the link at the end'
  | 'does not speak while the daemon is slow'
  | 'tells an end twice'
  | 'calls everything a network fault'
  | 'does not hear a cancelled send'
  | 'does not end'
  | 'emits what cannot cross'
  | 'logs what is said'
  | 'does not tell the kind of its account'
  | 'drops formatting'
  | 'sends the first file of an album only'
  | 'tears albums apart'
  | 'tells the label of a button for its id'
  | 'does not tell that a vote was taken back'
  | 'hides that words are passed on'
  | 'is never silent'
  | 'does not count what is pushed'
  | 'calls a slow daemon stuck'
  | 'loses canaries'
  | 'takes canaries for messages'
  | 'takes canaries without a line'
  | 'hides who answers canaries';

export function withoutFormatting(content: OutboundContent): OutboundContent {
  if (content.type !== 'text') return content;
  const { entities: _, ...plain } = content;
  return plain;
}

/** The id under which a connector with this mistake hands a message to the network. */
export function idUnder({ networkId, attempt }: OutboundMessage, mistake: Mistake | undefined): string {
  if (mistake === 'sends under ids of its own') return `own-${networkId}`;
  return mistake === 'sends again as another message' && attempt > 1 ? `${networkId}-${attempt}` : networkId;
}

type MessageEvent = Extract<ConnectorEvent, { type: 'message' }>;

/** The event as a connector with this mistake would tell it. */
export function misread(event: MessageEvent, mistake: Mistake): MessageEvent {
  const { albumId: _, forwarded: __, ...message } = event.message;
  const { content } = message;
  if (mistake === 'tears albums apart') return { ...event, message };
  if (mistake === 'hides that words are passed on') return { ...event, message };
  if (mistake === 'tells the label of a button for its id' && content.type === 'button') {
    return { ...event, message: { ...message, content: { ...content, buttonId: content.label } } };
  }
  return event;
}
