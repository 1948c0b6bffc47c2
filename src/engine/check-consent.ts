import { BellhopError } from '../core/errors.ts';
import { mayAccept } from './consent/may-write.ts';
import type { MessageRequest } from './engine-api.ts';
import type { Conversation, Guest } from './model/conversation.ts';
import type { Purpose } from './model/message.ts';
import type { Session } from './model/session.ts';

/** Who wrote within this time is being answered; the same window in which the networks themselves allow free replies. */
const REPLY_WINDOW_MS = 24 * 60 * 60 * 1_000;

/** The purpose when the caller names none: an answer to who wrote lately, else a service message. Pure. */
export function defaultPurpose(lastInboundAt: number | null, now: number): Purpose {
  return lastInboundAt !== null && now - lastInboundAt <= REPLY_WINDOW_MS ? 'reply' : 'service';
}

/**
 * Nobody is written to out of the blue: who never wrote must have a booking and have agreed to be written to. Pure.
 * A group in which the account already is counts as somebody who wrote. Throws `no_basis`.
 */
export function checkBasis(input: {
  readonly everWrote: boolean;
  readonly isKnownGroup: boolean;
  readonly basis: MessageRequest['basis'];
}): void {
  if (input.everWrote || input.isKnownGroup) return;
  if (isGiven(input.basis?.reservation) && isGiven(input.basis?.consent)) return;
  throw new BellhopError('no_basis', { pointer: 'basis' });
}

/** Who asked for no more messages gets none, whatever for, but answers to what he writes afterwards. Pure; throws `opted_out`. */
export function checkOptOut(input: {
  readonly guest: Pick<Guest, 'consent'> | null;
  readonly isGroup: boolean;
  readonly purpose: Purpose;
  readonly lastInboundAt: number | null;
}): void {
  if (input.isGroup || mayAccept(input.guest?.consent ?? null, input.purpose, input.lastInboundAt)) return;
  throw new BellhopError('opted_out');
}

/**
 * A guest who did not answer one number of the hotel is not tried from the next: networks take it for a way around their limits, and
 * guests for a nuisance. Pure; throws `number_rotation`.
 */
export function checkRotation(input: {
  readonly everWrote: boolean;
  readonly session: Pick<Session, 'id' | 'account'>;
  /** The thread in which the guest was last written to. */
  readonly conversation: Pick<Conversation, 'session' | 'kind' | 'lastMessageAt'> | null;
  /** All of the channel. */
  readonly sessions: readonly Pick<Session, 'id' | 'account'>[];
}): void {
  const { everWrote, session, conversation, sessions } = input;
  if (everWrote || conversation === null || conversation.kind === 'group') return;
  if (conversation.lastMessageAt === null) return;
  if (isSameNumber(session, sessions.find(({ id }) => id === conversation.session) ?? null, conversation.session))
    return;
  throw rotation(conversation.session);
}

/** Whether two sessions speak for one account; one that is gone is `null`. Pure. */
export function isSameNumber(
  one: Pick<Session, 'id' | 'account'>,
  other: Pick<Session, 'account'> | null,
  otherId: string,
): boolean {
  return one.id === otherId || (one.account !== null && one.account.address === other?.account?.address);
}

/** The refusal, naming the session that wrote before. */
export function rotation(session: string): BellhopError {
  const detail = `The session ${session} wrote to this guest, who has not answered yet.`;
  return new BellhopError('number_rotation', { pointer: 'session', detail });
}

/** An edit or a reaction reaches the guest like a message: who asked for no more gets none, but in a talk that he goes on with. Pure; throws `opted_out`. */
export function checkMayChange(guest: Pick<Guest, 'consent' | 'lastInboundAt'> | null): void {
  const { consent = null, lastInboundAt = null } = guest ?? {};
  if (mayAccept(consent, 'reply', lastInboundAt === null ? null : Date.parse(lastInboundAt))) return;
  throw new BellhopError('opted_out');
}

/** Something that can be read and looked up: no dash, and no character that nobody sees. */
function isGiven(text: string | undefined): boolean {
  return text !== undefined && /[\p{L}\p{N}]/u.test(text);
}
