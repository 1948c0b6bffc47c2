import type { TlObject } from '../../tl.ts';
import type { Copy, LogEntry, PeerKey, Post, Sequence } from './state.ts';

/** What is to be written into a log; pts and count are given there. */
export type Fact =
  | { readonly type: 'message' | 'edit'; readonly id: number }
  | { readonly type: 'update'; readonly update: TlObject; readonly count?: number };

/** Older entries are thrown away; who was away longer is told that the difference is too long. */
const KEPT_ENTRIES = 20_000;

export function addCopy(
  sequence: Sequence,
  post: Post,
  facts: { readonly peer: PeerKey; readonly out: boolean },
): Copy {
  sequence.lastId += 1;
  const copy = { id: sequence.lastId, uid: post.uid, ...facts };
  sequence.copies.set(copy.id, copy);
  sequence.byUid.set(post.uid, copy.id);
  return copy;
}

export function removeCopies(sequence: Sequence, ids: readonly number[]): void {
  for (const id of ids) {
    const copy = sequence.copies.get(id);
    if (copy === undefined) continue;
    sequence.copies.delete(id);
    sequence.byUid.delete(copy.uid);
  }
}

export function record(sequence: Sequence, fact: Fact): LogEntry {
  const count = fact.type === 'update' ? (fact.count ?? 1) : 1;
  sequence.pts += count;
  const entry: LogEntry =
    fact.type === 'update'
      ? { type: 'update', update: fact.update, pts: sequence.pts, count }
      : { type: fact.type, id: fact.id, pts: sequence.pts, count };
  sequence.log.push(entry);
  if (sequence.log.length > KEPT_ENTRIES) forget(sequence, sequence.log.length - KEPT_ENTRIES);
  return entry;
}

/** Throws the oldest entries away. */
export function forget(sequence: Sequence, entries: number): void {
  const gone = sequence.log.splice(0, entries);
  sequence.forgotten = gone.at(-1)?.pts ?? sequence.forgotten;
}

/** What came after `pts`, oldest first. */
export function since(sequence: Sequence, pts: number): readonly LogEntry[] {
  const first = sequence.log.findIndex((entry) => entry.pts > pts);
  return first === -1 ? [] : sequence.log.slice(first);
}

export function copyOf(sequence: Sequence, uid: number): Copy | undefined {
  const id = sequence.byUid.get(uid);
  return id === undefined ? undefined : sequence.copies.get(id);
}

/** Copies of one chat, newest first. */
export function history(sequence: Sequence, peer: PeerKey): readonly Copy[] {
  return [...sequence.copies.values()].filter((copy) => copy.peer === peer).toReversed();
}
