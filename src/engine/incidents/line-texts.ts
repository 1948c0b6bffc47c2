import type { AlertAction } from '../model/alert.ts';
import type { Session, StateReason } from '../model/session.ts';
import type { Complaint } from './observation.ts';

/** What a person is to do, after "needs you:"; of several sessions: "them" in place of "it". */
const TASKS: Readonly<Record<Exclude<AlertAction, 'none'>, string>> = {
  link: 'link it',
  relink: 'link it again',
  open_app: 'look into the app on the phone',
  wait: 'its account is restricted',
  upgrade: 'upgrade Bellhop',
  start: 'start it again',
  mend_webhook: 'look at its endpoint',
  check_host: 'look at this machine',
};

export const UNSTABLE_CODE = 'unstable';

export function nameOf(session: Pick<Session, 'id' | 'channel'>, channelName: string): string {
  return `${session.id} (${channelName})`;
}

/** `front-desk (WhatsApp) needs you: link it again` */
export function lineTitle(name: string, action: AlertAction): string {
  return action === 'none' ? `${name} is down` : `${name} needs you: ${TASKS[action]}`;
}

export function groupName(count: number, channelName: string): string {
  return `${count} sessions of ${channelName}`;
}

export function groupTitle(count: number, channelName: string, about: Pick<Complaint, 'action' | 'code'>): string {
  const who = groupName(count, channelName);
  if (about.code === UNSTABLE_CODE) return `${who} keep losing their connections`;
  if (about.action === 'none') return `${who} are down`;
  return `${who} need you: ${TASKS[about.action].replace(/\bits?\b/, (word) => (word === 'it' ? 'them' : 'their'))}`;
}

export function unstableComplaint(name: string, drops: number): Complaint {
  return {
    code: UNSTABLE_CODE,
    name,
    title: `${name} keeps losing its connection`,
    text: `The connection broke off ${drops} times within an hour.`,
    action: 'none',
    remedy:
      'Bellhop connects again each time, and nothing is lost. Check the internet connection of this machine, and that nothing else uses the same link. The all-clear comes after a calm hour.',
  };
}

/** What a session says of itself, for people who do not look at it. */
export function lineComplaint(name: string, reason: StateReason | null): Complaint {
  const { code, text, action, remedy } = reason ?? {
    code: 'connecting',
    text: 'The session is not connected.',
    action: 'none',
    remedy: 'Bellhop keeps trying by itself; nothing to do. If it lasts, look at `bellhop doctor`.',
  };
  return {
    code,
    name,
    title: lineTitle(name, action),
    text: withoutNumbers(text),
    action,
    remedy: withoutNumbers(remedy),
  };
}

/** An alert leaves the house: should a network's own words name an account, that part is left out. */
function withoutNumbers(text: string): string {
  return text.replace(/\+\d[\d ]{5,}\d|\b\d{6,}@[\w.]+/g, '(number)');
}
