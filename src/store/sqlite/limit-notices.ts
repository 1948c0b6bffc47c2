import { isBrakeRule } from '../../engine/pacing/brakes.ts';
import type { LimitStore, NetworkNotice } from '../../engine/ports/index.ts';
import { ASSUMED_LIMIT_MS } from '../../engine/send-schedule.ts';
import { changeLimits, isSameEnd } from './limit-news.ts';
import type { LimitRow } from './limit-table.ts';
import { FROM_SEND, isClosing } from './limit-table.ts';
import { closeBy, releaseHeld } from './limits.ts';
import type { StoreParts } from './parts.ts';

/** A warning without an end is told again with the next connection; until then it is believed for this long; ms. */
const ASSUMED_WARNING_MS = 24 * 60 * 60_000;
/** Of a warning; what is closed has the code of what a send would have met. */
const WARNING_CODE = 'new_chats_warning';

/** What stands without that a message met it: words of the network, and Bellhop's own brakes. */
export function noticeOperations(parts: StoreParts): Pick<LimitStore, 'recordNotice' | 'recordBrakes'> {
  return {
    async recordNotice(sessionId, notice, at) {
      // Said with every connection, and mostly that all is well.
      if (await parts.read(() => saysNothingNew(parts, sessionId, notice))) return;
      await parts.write(() => {
        if (parts.sessions.get(sessionId) !== undefined) takeNotice(parts, sessionId, notice, at);
      });
    },
    async recordBrakes(sessionId, brakes, at) {
      const isSame = (): boolean => {
        const rows = brakesOn(parts, sessionId);
        const known = rows.map(({ origin, until }) => `${origin} ${until}`).sort();
        const told = brakes.map(({ rule, until }) => `${rule} ${until}`).sort();
        return known.join() === told.join();
      };
      if (await parts.read(isSame)) return;
      await parts.write(() => {
        if (parts.sessions.get(sessionId) === undefined) return;
        changeLimits(parts, sessionId, at, () => {
          for (const row of brakesOn(parts, sessionId)) {
            if (!brakes.some(({ rule }) => rule === row.origin)) parts.limits.remove(row);
          }
          for (const { rule, until, isTimed } of brakes) {
            // One new guest a day still goes out while few answer.
            const state = rule === 'reply_ratio' ? 'slowed' : 'closed';
            const facts = {
              conversationId: null,
              nativeCode: null,
              quotaLeft: null,
              quotaAt: null,
              isAssumed: !isTimed,
            };
            parts.limits.put({
              sessionId,
              scope: 'new_chats',
              origin: rule,
              code: rule,
              state,
              since: at,
              until,
              ...facts,
            });
          }
        });
      });
    },
  };
}

function brakesOn(parts: StoreParts, sessionId: string): readonly LimitRow[] {
  return parts.limits.of(sessionId).filter(({ origin }) => isBrakeRule(origin));
}

function saysNothingNew(parts: StoreParts, sessionId: string, { origin, scope, state }: NetworkNotice): boolean {
  if (state !== 'open') return false;
  return !parts.limits.of(sessionId).some((row) => row.scope === scope && (row.origin === origin || isToldBySend(row)));
}

/** A message has met it, and the network has given its end: in answer to the same question whose answer is a notice otherwise. */
function isToldBySend({ origin, isAssumed }: LimitRow): boolean {
  return origin === FROM_SEND && !isAssumed;
}

function takeNotice(parts: StoreParts, sessionId: string, notice: NetworkNotice, at: number): void {
  const { scope, origin, state, nativeCode, left, endsInMs } = notice;
  const before = parts.limits.of(sessionId).filter((row) => row.scope === scope && row.conversationId === null);
  changeLimits(parts, sessionId, at, () => {
    const own = before.find((row) => row.origin === origin);
    if (state === 'open') {
      if (own !== undefined) parts.limits.remove(own);
      const isElsewise = before.some((row) => row !== own && row.origin !== FROM_SEND && isClosing(row));
      // A limit without an end that a message met may be of another kind; only a message disproves it.
      if (!isElsewise) for (const row of before.filter(isToldBySend)) parts.limits.remove(row);
    } else {
      const isWarning = state === 'warned';
      const until = at + (endsInMs ?? (isWarning ? ASSUMED_WARNING_MS : ASSUMED_LIMIT_MS[scope]));
      closeBy(
        parts,
        {
          sessionId,
          scope,
          conversationId: null,
          origin,
          state: isWarning ? 'slowed' : 'closed',
          code: isWarning ? WARNING_CODE : 'rate_limited',
          nativeCode: nativeCode ?? null,
          since: at,
          until: own !== undefined && isSameEnd(own.until, until) ? own.until : until,
          isAssumed: endsInMs === undefined && !isWarning,
          quotaLeft: isWarning ? (left ?? null) : null,
          quotaAt: isWarning ? at : null,
        },
        at,
      );
    }
  });
  // What was put off until an end that no longer holds.
  const after = parts.limits.of(sessionId);
  const gone = before.filter(
    (row) =>
      isClosing(row) && !after.some((each) => each.origin === row.origin && each.until >= row.until && isClosing(each)),
  );
  if (gone.length === 0) return;
  releaseHeld(parts, sessionId, gone);
  for (const row of after) closeBy(parts, row, at);
}
