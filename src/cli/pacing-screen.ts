import pc from 'picocolors';
import { spanWords } from '../engine/explain-session.ts';
import type { Session } from '../engine/model/session.ts';
import { renderTable } from './terminal.ts';

/** As wide as terminals are made; what goes into a file or a pipe is written like that, too. */
const USUAL_COLUMNS = 80;
const INDENT = '    ';

/** What the budgets count, in a few words; all are of messages but the last two. */
const COUNTED: readonly (readonly [RegExp, string])[] = [
  [/^accountPerMinute$/, 'all, in a minute'],
  [/^accountPerHour$/, 'all, in an hour'],
  [/^accountPerDay$/, 'all, in 24 hours'],
  [/^ownPerHour$/, 'unasked, in an hour'],
  [/^own(PerDay|Week\d)$/, 'unasked, in 24 hours'],
  [/^newChats(Later|Week\d)$/, 'new guests, in 24 hours'],
  [/^newChatsReservePercent$/, 'new guests, by network'],
  [/^optOutsPerDay$/, 'wrote STOP today'],
];

/** What each account may still send, and why what waits does. Pure. */
export function renderPacing(sessions: readonly Session[], now: number, columns: number = USUAL_COLUMNS): string {
  if (sessions.length === 0) return 'No session yet. Link an account with `bellhop link <channel>`.';
  return sessions.map((each) => renderOne(each, now, columns)).join('\n\n');
}

function renderOne({ id, channel, pacing }: Session, now: number, columns: number): string {
  const heading = `${pc.bold(id)} (${channel})`;
  if (pacing.mode === 'off') return `${heading}: pacing is off; everything goes out at once.`;
  if (pacing.budgets.length === 0)
    return `${heading}: ${queueWords(pacing, now)} Nothing is known of its account yet: it has not been linked.`;
  const table = renderTable(
    ['MESSAGES', 'USED', 'LEFT', 'OF', 'NEXT FREE', 'LIMIT'],
    pacing.budgets.map(({ id: limit, used, left, limit: most, resetsAt }) => [
      COUNTED.find(([pattern]) => pattern.test(limit))?.[1] ?? '',
      String(used),
      left === 0 ? pc.red('0') : String(left),
      String(most),
      resetsAt === null ? '–' : `in ${spanWords(Date.parse(resetsAt) - now)}`,
      pc.dim(limit),
    ]),
  );
  return [`${heading}: ${queueWords(pacing, now)}`, table, ...waitingLines(pacing, now, columns)].join('\n');
}

function queueWords({ queued, nextSendAt, waiting }: Session['pacing'], now: number): string {
  if (queued === 0) return 'nothing waits.';
  if (waiting.length === 0) return `${queued} waiting; they get their times once the session is online.`;
  const next = nextSendAt === null ? 'none of them goes by itself' : `the next goes ${when(nextSendAt, now)}`;
  return `${queued} waiting, ${next}.`;
}

function waitingLines({ waiting, queued }: Session['pacing'], now: number, columns: number): string[] {
  const lines = waiting.flatMap(({ messageId, lane, estimatedSendAt, detail }) => {
    const at = estimatedSendAt === null ? 'waits' : when(estimatedSendAt, now);
    return [
      `  ${messageId}  ${lane}, ${at}`,
      ...wrapWords(detail, columns - INDENT.length).map((line) => INDENT + line),
    ];
  });
  const isHeld = waiting.some(({ heldBy }) => heldBy !== null && PERSON_RULES.includes(heldBy.rule));
  if (isHeld) lines.push('  Let one go: POST /v1/messages/<id>/release', '  Take it back: DELETE /v1/messages/<id>');
  const more = queued - waiting.length;
  return more > 0 && waiting.length > 0 ? [...lines, pc.dim(`  … and ${more} more`)] : lines;
}

/** What a person may let go. */
const PERSON_RULES: readonly string[] = ['same_text', 'unanswered'];

function when(timestamp: string, now: number): string {
  const left = Date.parse(timestamp) - now;
  return left <= 0 ? 'now' : `in ${spanWords(left)}`;
}

function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
