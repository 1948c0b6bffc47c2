import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { explainSession, spanWords, storyLine } from '../engine/explain-session.ts';
import type { Session } from '../engine/model/session.ts';
import { renderTable } from './terminal.ts';

/** Every session as a table, and a sentence or two for each of which there is something to say. Pure. */
export function renderSessions(sessions: readonly Session[], now: number): string {
  if (sessions.length === 0)
    return 'No session yet. Link an account with `bellhop link <channel>`, e.g. `bellhop link whatsapp`.';
  const table = renderTable(
    ['SESSION', 'CHANNEL', 'STATE', 'FOR', 'ACCOUNT', 'QUEUED', 'LAST GUEST', 'VERSION'],
    sessions.map((each) => [
      each.id,
      each.channel,
      paintState(each.state),
      spanWords(now - Date.parse(each.since)),
      each.account?.displayName ?? each.account?.address ?? '–',
      String(each.pacing.queued),
      each.lastInboundAt === null ? '–' : `${spanWords(now - Date.parse(each.lastInboundAt))} ago`,
      each.version.current ?? '–',
    ]),
  );
  return [table, ...sessions.flatMap((each) => remarks(each, now))].join('\n');
}

/** Cuts what does not fit into the window, so that a redrawn screen never scrolls. */
export function fitScreen(text: string, size: { readonly columns: number; readonly rows: number }): string {
  const lines = text.split('\n').flatMap((line) => wrap(line, size.columns));
  if (lines.length <= size.rows) return lines.join('\n');
  const hidden = lines.length - size.rows + 1;
  return [...lines.slice(0, size.rows - 1), pc.dim(`… ${hidden} more lines: make the window larger`)].join('\n');
}

export function paintState(state: Session['state']): string {
  switch (state) {
    case 'connected':
      return pc.green(state);
    case 'degraded':
    case 'connecting':
    case 'linking':
    case 'backing_off':
      return pc.yellow(state);
    case 'logged_out':
    case 'banned':
      return pc.red(state);
    case 'unlinked':
    case 'stopped':
      return pc.dim(state);
  }
}

function remarks(session: Session, now: number): string[] {
  const story = explainSession(session, now);
  const isWell = session.state === 'connected' && session.reason === null;
  const lines = isWell ? [] : [`\n${pc.bold(session.id)}: ${storyLine(story)}`];
  for (const { text, remedy, until, source } of session.limits) {
    // When guests will answer again nobody knows.
    const lasts = source === 'network' ? ` It lasts ${spanWords(Date.parse(until) - now)} more.` : '';
    lines.push(`\n${pc.bold(session.id)}: ${text}${lasts} ${remedy}`);
  }
  return lines;
}

/** Sentences go on in the next line; tables are cut, since their columns would be torn. */
function wrap(line: string, columns: number): string[] {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= columns) return [line];
  if (!plain.includes(': ')) return [`${plain.slice(0, Math.max(0, columns - 1))}…`];
  const lines: string[] = [];
  let current = '';
  for (const word of plain.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (longer.length <= columns || current === '') {
      current = longer;
      continue;
    }
    lines.push(current);
    current = `  ${word}`;
  }
  return [...lines, current];
}
