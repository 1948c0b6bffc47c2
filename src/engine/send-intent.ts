import type { AttemptOutcome, DueMessage, SendIntent } from './ports/index.ts';

/** The store does not tell how long unread messages are; a guest's message has some sixty characters. */
const TYPICAL_UNREAD_CHARS = 60;

/** What the pacer is told of a message that is due. */
export function intentOf(due: DueMessage): SendIntent {
  const { message } = due;
  return {
    sessionId: message.session,
    channel: message.channel,
    conversationId: message.conversationId,
    messageId: message.id,
    textLength: message.body?.length ?? 0,
    hasMedia: message.attachments.length > 0,
    urgency: message.urgency ?? 'normal',
    purpose: message.purpose ?? 'service',
    unreadLength: due.unreadReferences.length * TYPICAL_UNREAD_CHARS,
    lastInboundAt: due.lastInboundAt,
    attempt: message.attempts + 1,
  };
}

/** The network's own code for an attempt that did not go through. */
export function nativeCodeOf(outcome: AttemptOutcome): string | null {
  if (outcome.type === 'sent') return null;
  return outcome.type === 'limited' ? outcome.limit.nativeCode : outcome.failure.nativeCode;
}
