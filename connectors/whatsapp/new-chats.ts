import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { withDeadline } from '../../src/core/clock.ts';

/** "The account may not open new chats just now": each further try makes it worse (Baileys `SERVER_ERROR_CODES`). */
export const NO_NEW_CHATS = '463';
/** For each of two questions; a limit whose end is not known in time is one without an end. */
const ANSWER_TIMEOUT_MS = 5_000;
/** The quota is a month's; an end that is further away is read wrongly. */
const LONGEST_CYCLE_MS = 62 * 24 * 60 * 60_000;
const CAPPED = 'CAPPED';
const MS_PER_SECOND = 1_000;

/** What is asked of the library's socket; the network leaves out what it likes. */
interface Asked {
  fetchAccountReachoutTimelock(): Promise<{ isActive?: boolean; timeEnforcementEnds?: Date | undefined } | undefined>;
  fetchNewChatMessageCap(): Promise<{ capping_status?: string; cycle_end_timestamp?: string | undefined } | undefined>;
}

/** The refusal with its end, as far as the network tells one. Both questions are read-only and asked only after a refusal. */
export async function withEndOfLimit(refusal: SendError, deps: { sock: Asked; clock: Clock }): Promise<SendError> {
  const until = (await endOfTimelock(deps)) ?? (await endOfCap(deps));
  if (until === undefined) return refusal;
  const { code, certainty, retryable } = refusal;
  const retryAfterMs = until - deps.clock.now();
  return new SendError(code, { certainty, retryable, retryAfterMs, scope: 'new_chats', nativeCode: NO_NEW_CHATS });
}

/** The account is shut out of new chats for a while. */
async function endOfTimelock({ sock, clock }: { sock: Asked; clock: Clock }): Promise<number | undefined> {
  const lock = await answerOf(clock, () => sock.fetchAccountReachoutTimelock());
  const end = lock?.isActive === true ? lock.timeEnforcementEnds?.getTime() : undefined;
  return isAhead(end, clock) ? end : undefined;
}

/** The month's quota of new chats is used up. */
async function endOfCap({ sock, clock }: { sock: Asked; clock: Clock }): Promise<number | undefined> {
  const cap = await answerOf(clock, () => sock.fetchNewChatMessageCap());
  const end = cap?.capping_status === CAPPED ? Number(cap.cycle_end_timestamp) * MS_PER_SECOND : undefined;
  return isAhead(end, clock) && end - clock.now() < LONGEST_CYCLE_MS ? end : undefined;
}

/** Undefined where the network does not answer, or answers with what the library cannot read. */
function answerOf<T>(clock: Clock, ask: () => Promise<T>): Promise<T | undefined> {
  const silence = (): Error => new Error('no answer in time');
  return withDeadline(clock, ANSWER_TIMEOUT_MS, ask(), silence).catch(() => undefined);
}

function isAhead(end: number | undefined, clock: Clock): end is number {
  return end !== undefined && end > clock.now();
}
