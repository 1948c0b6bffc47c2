import type { LimitScope } from '../connector-api/index.ts';
import type { UserAction } from './model/session.ts';
import type { SessionLimit } from './model/session-limit.ts';
import type { BrakeRule } from './pacing/brakes.ts';
import { isBrakeRule } from './pacing/brakes.ts';

interface LimitText {
  /** The rule under which a message that waits for its end is held. */
  readonly rule: 'network_limit' | 'new_chats_closed' | 'new_chats_quota' | BrakeRule;
  /** What happened. */
  readonly text: string;
  readonly action: UserAction;
  /** What Bellhop does about it, and what a person should do. */
  readonly remedy: string;
}

/** What a network closes; besides, its warning, and what Bellhop closes by itself. */
type LimitTextId = LimitScope | 'warned' | BrakeRule;

/** One table of what people are told, by what is closed. */
export const limitTexts: Readonly<Record<LimitTextId, LimitText>> = {
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
  warned: {
    rule: 'new_chats_quota',
    text: 'The network warns that this account has written to many guests who did not answer; soon it may write to nobody new.',
    action: 'none',
    remedy:
      'Bellhop keeps half of what is left in reserve and spreads the rest until the network counts anew. Answers go out as always. Let guests write first, and write first only to those who expect it.',
  },
  reply_ratio: {
    rule: 'reply_ratio',
    text: 'Too few guests have answered lately.',
    action: 'none',
    remedy:
      'Bellhop writes to one new guest a day until more answer; answers go out as always. Look at what is sent to guests who did not ask, to whom and when: networks ban numbers for it.',
  },
  opt_outs: {
    rule: 'opt_outs',
    text: 'Several guests have asked for no more messages today.',
    action: 'none',
    remedy:
      'Bellhop writes to no new guest until tomorrow; answers go out as always. Look at what was sent today: something in it annoys guests.',
  },
  undelivered: {
    rule: 'undelivered',
    text: 'Too many messages of the last day have not reached their guests.',
    action: 'none',
    remedy:
      'Bellhop writes to no new guest until more arrive; answers go out as always. Look at where the numbers come from. If guests say that nothing reaches them, the network holds back what this account sends.',
  },
};

/** What people are told of a limit. */
export function limitTextOf({ scope, state, source, code }: Omit<SessionLimit, 'text' | 'remedy'>): LimitText {
  if (source === 'bellhop' && isBrakeRule(code)) return limitTexts[code];
  return limitTexts[state === 'slowed' ? 'warned' : scope];
}

/** What ended a limit is not told by networks; that it is over is seen from the clock or from a message that went through. */
export const limitOver = {
  code: 'limit_over',
  text: 'A limit that the network had set is over.',
  remedy: 'Bellhop sends again, one message at a time; nothing to do.',
} as const;

/** The same for one of Bellhop's own. */
export const brakeOver = {
  code: 'limit_over',
  text: 'New guests are written to again as always.',
  remedy: 'Nothing to do.',
} as const;

const CLOSING: ReadonlySet<string> = new Set(
  [limitTexts.account, limitTexts.chat, limitTexts.new_chats].map(({ rule }) => rule),
);

/** Whether a message is held by what the network has closed. */
export function isLimitRule(rule: string): boolean {
  return CLOSING.has(rule);
}
