import type { Clock } from '../../core/clock.ts';
import { tellExpired } from '../expire-messages.ts';
import type { Store, Telemetry } from '../ports/index.ts';
import type { AccountPlan } from './plan-maker.ts';
import { notesOf, tooLate } from './plan-notes.ts';

/** Looked through at once. */
const PIECE_MESSAGES = 1_000;
/** Rows of one transaction: short, so that the API stays quick while a flood is planned. */
const NOTES_PER_COMMIT = 200;
/** Each is a message, an event and its deliveries. */
const EXPIRED_PER_COMMIT = 50;

/** Writes down what of a plan differs from what stands there, until there is a newer one. Rejects with errors of the store. */
export async function writePlan(
  deps: { readonly store: Store; readonly telemetry: Telemetry; readonly clock: Clock },
  { plan, intents, at }: AccountPlan,
  isCurrent: () => boolean,
): Promise<void> {
  const { store, telemetry, clock } = deps;
  for (const piece of piecesOf(plan, PIECE_MESSAGES)) {
    const late = new Set(tooLate(piece, intents, at));
    for (const ids of piecesOf([...late], EXPIRED_PER_COMMIT)) {
      if (!isCurrent()) return;
      tellExpired(telemetry, await store.expireTooLate(ids, clock.now()), clock.now());
    }
    const notes = notesOf(piece, intents, at).filter(({ messageId }) => !late.has(messageId));
    for (const some of piecesOf(notes, NOTES_PER_COMMIT)) {
      if (!isCurrent()) return;
      await store.notePlans(some);
    }
  }
}

function* piecesOf<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
