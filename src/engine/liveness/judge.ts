import type { CanaryAnswerer } from '../../connector-api/index.ts';

/** What can be asked of a line. */
export type Question = 'canary' | 'probe';
/** Where a line was found to be broken. */
export const deafLayers = ['bytes', 'answers', 'canary', 'pushes', 'library'] as const;
export type DeafLayer = (typeof deafLayers)[number];

/** What is known of one connection. Times are monotonic ms. */
export interface LineFacts {
  readonly canAsk: Readonly<Record<Question, boolean>>;
  readonly answeredBy: CanaryAnswerer;
  /** When the line last proved that it hears; the beginning of the connection counts. */
  readonly provenAt: number;
  /** When the line was last proven or asked to the end: from here on it is quiet. */
  readonly quietSince: number;
  /** How long it may be quiet; ms. */
  readonly askAfterMs: number;
  /** The question under way. */
  readonly question: { readonly kind: Question; readonly askedAt: number } | undefined;
  /** When each was last asked. */
  readonly askedAt: Readonly<Record<Question, number>>;
  /** Questions in a row that were not answered. */
  readonly unanswered: Readonly<Record<Question, number>>;
  readonly probeAnsweredAt: number;
  /** The network refused a canary: whether it answers at all is the next question. */
  readonly wantsProbe: boolean;
  /** Canaries since the last push that found something which the network had not sent. */
  readonly missed: number;
  /** The phone that answers canaries is known to be silent: one question is enough to know that it still is. */
  readonly isPhoneSilent: boolean;
  /** As of the last pulse. */
  readonly silentForMs: number;
  readonly oldestPendingMs: number;
  /** Undefined until the first pulse. */
  readonly pulsedAt: number | undefined;
  /** When the process of the session, or our own, was last found to have been blocked. */
  readonly blockedAt: number;
}

export type Verdict =
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'ask'; readonly question: Question }
  /** The question under way counts as not answered. */
  | { readonly do: 'give_up' }
  /** The question under way is of no interest any more: something was pushed after it. */
  | { readonly do: 'drop' }
  | { readonly do: 'deaf'; readonly layer: DeafLayer }
  /** The phone is silent and the network answers. */
  | { readonly do: 'doubt' };

/** A phone wakes up, decrypts, answers; slow ones need 10 s. A probe is answered by a server in the rack; ms. */
export const ANSWER_MS: Readonly<Record<Question, number>> = { canary: 15_000, probe: 10_000 };
/** What the contract of a canary promises the networks, but for the second question in a row; ms. */
const CANARY_SPACING_MS = 30_000;
/** Connectors end a silent line after some 35 s by themselves; this is the net below; ms. */
const SILENT_MS = 60_000;
/** Decoding takes milliseconds, and a thousand messages after a day off some seconds; ms. */
const STUCK_MS = 120_000;
/** A pulse comes every 5 s; when two are missing, the process is blocked or the daemon was; ms. */
export const OVERDUE_MS = 12_000;
/** A process that tells nothing for so long is the host's matter, and excuses nothing more; ms. */
const LONGEST_EXCUSE_MS = 60_000;
const UNANSWERED_IS_DEAF = 2;
const MISSED_IS_DEAF = 2;

/**
 * What to make of a line now. Pure. Quiet is a reason to ask, never a reason to restart: evidence is only what was asked and not
 * answered, and what came in and is stuck.
 */
export function judge(facts: LineFacts, now: number): Verdict {
  if (facts.question !== undefined) {
    const pending = judgeQuestion(facts, facts.question, now);
    if (pending !== undefined) return pending;
  }
  if (facts.oldestPendingMs >= STUCK_MS && facts.blockedAt < (facts.pulsedAt ?? 0)) return deaf('library');
  if (facts.missed >= MISSED_IS_DEAF) return deaf('pushes');
  return judgeAnswers(facts) ?? judgeQuiet(facts, now);
}

/** Undefined when the library is stuck before the answer: that is judged below. */
function judgeQuestion(
  facts: LineFacts,
  { kind, askedAt }: { readonly kind: Question; readonly askedAt: number },
  now: number,
): Verdict | undefined {
  // While somebody was blocked nobody could answer, or we could not hear it.
  const deadline = Math.max(askedAt, facts.blockedAt) + ANSWER_MS[kind];
  if (now < deadline) return { do: 'wait', until: deadline };
  if (facts.provenAt > askedAt) return { do: 'drop' };
  const sincePulseMs = facts.pulsedAt === undefined ? 0 : now - facts.pulsedAt;
  if (sincePulseMs > OVERDUE_MS && sincePulseMs < LONGEST_EXCUSE_MS) return { do: 'wait', until: now + OVERDUE_MS };
  // The canary stands in the queue behind something that came before it.
  if (kind === 'canary' && facts.oldestPendingMs > now - askedAt)
    return facts.oldestPendingMs >= STUCK_MS ? undefined : { do: 'wait', until: now + OVERDUE_MS };
  return { do: 'give_up' };
}

function judgeAnswers(facts: LineFacts): Verdict | undefined {
  const { canAsk, unanswered } = facts;
  if (unanswered.probe >= UNANSWERED_IS_DEAF) return deaf(facts.silentForMs >= SILENT_MS ? 'bytes' : 'answers');
  if (unanswered.probe > 0) return ask('probe');
  if (facts.wantsProbe && canAsk.probe) return ask('probe');
  if (unanswered.canary === 0) return undefined;
  const isPhone = facts.answeredBy === 'phone';
  const enough = isPhone && facts.isPhoneSilent ? 1 : UNANSWERED_IS_DEAF;
  if (unanswered.canary < enough) return ask('canary');
  if (!isPhone) return deaf('canary');
  const isAnswered = facts.probeAnsweredAt > facts.askedAt.canary;
  return isAnswered || !canAsk.probe ? { do: 'doubt' } : ask('probe');
}

function judgeQuiet(facts: LineFacts, now: number): Verdict {
  const { canAsk, askedAt } = facts;
  if (facts.silentForMs >= SILENT_MS && canAsk.probe) return ask('probe');
  if (!canAsk.canary && !canAsk.probe) return { do: 'wait', until: Number.POSITIVE_INFINITY };
  const question = canAsk.canary ? 'canary' : 'probe';
  const due = Math.max(facts.quietSince + facts.askAfterMs, askedAt[question] + CANARY_SPACING_MS);
  return now >= due ? ask(question) : { do: 'wait', until: due };
}

function ask(question: Question): Verdict {
  return { do: 'ask', question };
}

function deaf(layer: DeafLayer): Verdict {
  return { do: 'deaf', layer };
}
