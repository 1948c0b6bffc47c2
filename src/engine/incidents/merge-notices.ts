import type { NoticeKind } from '../ports/index.ts';

/** A way that cannot be reached is not told the whole story later, only how it ended: what to say when `next` joins what waits. Pure. */
export function mergeKinds(waiting: NoticeKind | undefined, next: NoticeKind): NoticeKind {
  if (waiting === 'opened' || waiting === 'passed') return next === 'closed' || next === 'passed' ? 'passed' : 'opened';
  // That something is to be done is more than a reminder of it.
  if (waiting === 'updated' && next === 'reminder') return 'updated';
  return next;
}

/** What is left to say when `sent` has arrived after all, while `merged` waited in its place. Pure. */
export function restAfter(sent: NoticeKind, merged: NoticeKind): NoticeKind {
  if (sent !== 'opened') return merged;
  return merged === 'passed' ? 'closed' : merged === 'opened' ? 'updated' : merged;
}
