import pc from 'picocolors';
import { spanWords } from '../engine/explain-session.ts';
import type { Session } from '../engine/model/session.ts';
import { renderTable } from './terminal.ts';

/** What each account may still send, and why what waits does. Pure. */
export function renderPacing(sessions: readonly Session[], now: number): string {
  if (sessions.length === 0) return 'No session yet. Link an account with `bellhop link <channel>`.';
  return sessions.map((each) => renderOne(each, now)).join('\n\n');
}

function renderOne({ id, channel, pacing }: Session, now: number): string {
  const heading = `${pc.bold(id)} (${channel})`;
  if (pacing.mode === 'off') return `${heading}: pacing is off; everything goes out at once.`;
  if (pacing.budgets.length === 0) return `${heading}: nothing is known of its account yet.`;
  const table = renderTable(
    ['LIMIT', 'USED', 'LEFT', 'OF', 'NEXT FREE', ''],
    pacing.budgets.map(({ id: limit, used, left, limit: most, resetsAt, unit }) => [
      limit,
      String(used),
      left === 0 ? pc.red('0') : String(left),
      String(most),
      resetsAt === null ? '–' : `in ${spanWords(Date.parse(resetsAt) - now)}`,
      pc.dim(unit),
    ]),
  );
  return [`${heading}: ${queueWords(pacing, now)}`, table, ...waitingLines(pacing, now)].join('\n');
}

function queueWords({ queued, nextSendAt }: Session['pacing'], now: number): string {
  if (queued === 0) return 'nothing waits.';
  const next = nextSendAt === null ? 'none of them goes by itself' : `the next goes ${when(nextSendAt, now)}`;
  return `${queued} waiting, ${next}.`;
}

function waitingLines({ waiting, queued }: Session['pacing'], now: number): string[] {
  const lines = waiting.map(({ messageId, lane, estimatedSendAt, heldBy }) => {
    const at = estimatedSendAt === null ? 'waits' : when(estimatedSendAt, now);
    return `  ${messageId}  ${lane}, ${at}: ${heldBy?.detail ?? 'Waits for its turn.'}`;
  });
  const more = queued - waiting.length;
  return more > 0 && lines.length > 0 ? [...lines, pc.dim(`  … and ${more} more`)] : lines;
}

function when(timestamp: string, now: number): string {
  const left = Date.parse(timestamp) - now;
  return left <= 0 ? 'now' : `in ${spanWords(left)}`;
}
