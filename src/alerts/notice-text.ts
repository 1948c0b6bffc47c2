import type { AlertNotice } from '../engine/ports/index.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** More names than these in one text help nobody; the API has them all. */
const MOST_NAMES = 20;

/** The notice in one line, as a subject or a headline. */
export function headline({ kind, alert }: AlertNotice): string {
  switch (kind) {
    case 'opened':
    case 'updated':
    case 'test':
      return alert.title;
    case 'reminder':
      return `Still: ${alert.title}`;
    case 'closed':
      return isRecovered(alert.resolution)
        ? `All clear: ${alert.name}, after ${lasted(alert)}`
        : `Ended: ${alert.name}`;
    case 'passed':
      return `Was, and is over: ${alert.title}`;
  }
}

/** The whole notice for people, in plain text. */
export function plainText(notice: AlertNotice): string {
  const { alert, kind } = notice;
  if (kind === 'test') return `${alert.title}\n\n${alert.text} ${alert.remedy}\n`;
  const isOver = kind === 'closed' || kind === 'passed';
  const parts = [
    headline(notice),
    '',
    `What happened:  ${alert.text}`,
    `Since:          ${readable(alert.since)}`,
    ...(alert.endedAt === null ? [] : [`Until:          ${readable(alert.endedAt)} (${lasted(alert)})`]),
    ...(isOver ? [`Now:            ${nowText(notice)}`] : [`What to do:     ${alert.remedy}`]),
    ...namesOf(alert.sessions),
    '',
    `Code: ${alert.code}   Alert: ${alert.id}`,
    isOver ? '' : 'There is one more message when it is over. All alerts: `bellhop alerts`',
  ];
  return `${parts.join('\n').trimEnd()}\n`;
}

/** `12 minutes`, `3 hours 5 minutes`, `2 days 1 hour`: of the trouble, not of the alert. */
export function lasted(alert: Pick<AlertNotice['alert'], 'since' | 'endedAt'>): string {
  const ms = Math.max(0, Date.parse(alert.endedAt ?? alert.since) - Date.parse(alert.since));
  if (ms < MINUTE_MS) return count(Math.round(ms / 1_000), 'second');
  const [big, small] = ms < HOUR_MS ? [MINUTE_MS, 0] : ms < DAY_MS ? [HOUR_MS, MINUTE_MS] : [DAY_MS, HOUR_MS];
  const name = (unit: number): string => (unit === DAY_MS ? 'day' : unit === HOUR_MS ? 'hour' : 'minute');
  const whole = Math.floor(ms / big);
  const rest = small === 0 ? 0 : Math.floor((ms - whole * big) / small);
  return rest === 0 ? count(whole, name(big)) : `${count(whole, name(big))} ${count(rest, name(small))}`;
}

function nowText({ kind, alert }: AlertNotice): string {
  const told = kind === 'passed' ? ' This could not be told before.' : '';
  if (isRecovered(alert.resolution)) return `It works again; nothing to do.${told}`;
  return `It was stopped, unlinked or removed on request; nothing more comes of it.${told}`;
}

function isRecovered(resolution: AlertNotice['alert']['resolution']): boolean {
  return resolution === 'recovered';
}

function namesOf(sessions: readonly string[]): readonly string[] {
  if (sessions.length < 2) return [];
  const more = sessions.length - MOST_NAMES;
  return [`Sessions:       ${sessions.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

function readable(timestamp: string): string {
  return `${timestamp.slice(0, 16).replace('T', ' ')} UTC`;
}

function count(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}
