import { toTimestamp } from '../../core/clock.ts';
import type { HeldBy } from '../model/message.ts';
import type { SessionPacing } from '../model/session.ts';
import type { AccountPlan } from './account-desk.ts';
import { budgets } from './budgets.ts';
import { explain } from './explain.ts';
import type { Rules } from './rules.ts';
import type { Hold, Lane, PlannedSend } from './types.ts';
import { lanes } from './types.ts';

export type PacingView = Pick<SessionPacing, 'budgets' | 'lanes' | 'nextSendAt' | 'waiting'>;

/** As many as one looks at; all of them are in the messages themselves. */
const SHOWN_WAITING = 5;

/** How an account stands, as a session shows it. Pure. */
export function viewOf(input: {
  readonly current: AccountPlan;
  readonly sessionId: string;
  readonly rules: Rules;
  readonly now: number;
}): PacingView {
  const { current, sessionId, rules, now } = input;
  const { history } = current.facts;
  const mine = current.plan.filter(({ messageId }) => current.intents.get(messageId)?.sessionId === sessionId);
  const next = mine.find((each) => each.do === 'send');
  const standing = { ...current.facts.standing, busyUntil: null };
  return {
    budgets: budgets({ standing, history, rules, now }).map(({ resetsAt, ...budget }) => ({
      ...budget,
      resetsAt: resetsAt === null ? null : toTimestamp(resetsAt),
    })),
    lanes: [
      ...lanes.map((lane) =>
        laneView(
          lane,
          mine.filter((each) => each.lane === lane),
        ),
      ),
      laneView(
        'new_chats',
        mine.filter(({ conversationId }) => history.chats.get(conversationId)?.isKnown === false),
      ),
    ].filter(({ queued }) => queued > 0),
    nextSendAt: next?.do === 'send' ? toTimestamp(next.sendAt) : null,
    waiting: [
      ...mine.filter((each) => each.do === 'send').slice(0, SHOWN_WAITING),
      ...mine.filter((each) => each.do !== 'send').slice(0, SHOWN_WAITING),
    ].map((each) => waitingView(each)),
  };
}

/** A lane is closed while a rule holds back each message in it. */
function laneView(lane: Lane | 'new_chats', plan: readonly PlannedSend[]): PacingView['lanes'][number] {
  const holds = plan.map((each) => holdOf(each));
  const [first] = holds;
  const isClosed = first !== undefined && first !== null && holds.every((hold) => hold !== null);
  return { lane, queued: plan.length, closedBy: isClosed ? shown(first) : null };
}

function waitingView(planned: PlannedSend): PacingView['waiting'][number] {
  const { messageId, lane } = planned;
  const hold = holdOf(planned);
  return {
    messageId,
    lane,
    estimatedSendAt: planned.do === 'send' ? toTimestamp(planned.sendAt) : null,
    heldBy: hold === null ? null : shown(hold),
    detail: explain(planned),
  };
}

function holdOf(planned: PlannedSend): Hold | null {
  return planned.do === 'expire' ? null : planned.heldBy;
}

function shown({ rule, until, detail }: Hold): HeldBy {
  return { rule, until: until === null ? null : toTimestamp(until), detail };
}
