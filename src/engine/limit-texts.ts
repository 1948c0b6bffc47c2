import type { LimitScope } from '../connector-api/index.ts';
import type { UserAction } from './model/session.ts';

interface LimitText {
  /** The rule under which a message that waits for its end is held. */
  readonly rule: 'network_limit' | 'new_chats_closed';
  /** What happened. */
  readonly text: string;
  readonly action: UserAction;
  /** What Bellhop does about it, and what a person should do. */
  readonly remedy: string;
}

/** One table of what people are told, by what the network has closed. */
export const limitTexts: Readonly<Record<LimitScope, LimitText>> = {
  account: {
    rule: 'network_limit',
    text: 'The network lets this account send nothing for a while.',
    action: 'none',
    remedy: 'Bellhop waits and then goes on by itself; nothing to do. If it happens often, send less at once.',
  },
  chat: {
    rule: 'network_limit',
    text: 'The network lets this account write in this conversation only now and then.',
    action: 'none',
    remedy: 'Bellhop waits and then goes on by itself; other conversations go on. Nothing to do.',
  },
  new_chats: {
    rule: 'new_chats_closed',
    text: 'The network does not let this account write to guests who never wrote to it.',
    action: 'open_app',
    remedy:
      'Answers to guests who wrote go out as always. Let guests write first, e.g. by a link in the booking confirmation, or reach them on another channel; the app on the phone may say more. Bellhop tries one message when the time is over.',
  },
};

/** What ended a limit is not told by networks; that it is over is seen from the clock or from a message that went through. */
export const limitOver = {
  code: 'limit_over',
  text: 'A limit that the network had set is over.',
  remedy: 'Bellhop sends again, one message at a time; nothing to do.',
} as const;

const RULES: ReadonlySet<string> = new Set(Object.values(limitTexts).map(({ rule }) => rule));

/** Whether a message is held by a limit of the network. */
export function isLimitRule(rule: string): boolean {
  return RULES.has(rule);
}
