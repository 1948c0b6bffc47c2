import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { withDeadline } from '../../src/core/clock.ts';
import { readQuota } from './new-chat-quota.ts';

/** "The account may not open new chats just now": each further try makes it worse (Baileys `SERVER_ERROR_CODES`). */
export const NO_NEW_CHATS = '463';
/** For each of two questions; a limit whose end is not known in time is one without an end. */
const ANSWER_TIMEOUT_MS = 5_000;

/** What is asked of the library's socket; the network leaves out what it likes. */
interface Asked {
  fetchAccountReachoutTimelock(): Promise<{ isActive?: boolean; timeEnforcementEnds?: Date | undefined } | undefined>;
  fetchNewChatMessageCap(): Promise<unknown>;
}

interface EndDeps {
  readonly sock: Asked;
  readonly clock: Clock;
  /** Is told what the network answers of its quota. */
  readonly notices: { quotaTold(told: unknown): void };
}

/** The refusal with its end, as far as the network tells one. Both questions are read-only and asked only after a refusal. */
export async function withEndOfLimit(refusal: SendError, deps: EndDeps): Promise<SendError> {
  const until = (await endOfTimelock(deps)) ?? (await endOfCap(deps));
  if (until === undefined) return refusal;
  const { code, certainty, retryable } = refusal;
  const retryAfterMs = until - deps.clock.now();
  return new SendError(code, { certainty, retryable, retryAfterMs, scope: 'new_chats', nativeCode: NO_NEW_CHATS });
}

/** The account is shut out of new chats for a while. */
async function endOfTimelock({ sock, clock }: EndDeps): Promise<number | undefined> {
  const { isActive, timeEnforcementEnds } = (await answerOf(clock, () => sock.fetchAccountReachoutTimelock())) ?? {};
  const end = isActive === true ? timeEnforcementEnds?.getTime() : undefined;
  return end !== undefined && end > clock.now() ? end : undefined;
}

/** The month's quota of new chats is used up. */
async function endOfCap({ sock, clock, notices }: EndDeps): Promise<number | undefined> {
  const told = await answerOf(clock, () => sock.fetchNewChatMessageCap());
  notices.quotaTold(told);
  const { state, until } = readQuota(told, clock.now())?.notice ?? {};
  return state === 'closed' ? until : undefined;
}

/** Undefined where the network does not answer, or answers with what the library cannot read. */
export function answerOf<T>(clock: Clock, ask: () => Promise<T>): Promise<T | undefined> {
  const silence = (): Error => new Error('no answer in time');
  return withDeadline(clock, ANSWER_TIMEOUT_MS, ask(), silence).catch(() => undefined);
}
