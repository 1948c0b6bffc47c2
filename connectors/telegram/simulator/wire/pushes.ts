import type { TlObject } from '../../tl.ts';
import type { Codecs } from '../tl/installed-schemas.ts';
import type { Duties } from './duties.ts';
import { pack } from './gzip.ts';
import type { KeyRing } from './key-ring.ts';
import type { Session } from './session.ts';

/** What one push becomes: itself, nothing, itself twice, something else. */
export type PushFilter = (updates: TlObject, keyId: string) => readonly TlObject[];

interface Held {
  readonly keyId: string;
  readonly updates: TlObject;
}

/** The way of updates to the clients of a key, with what may happen to them on it. */
export class Pushes {
  readonly #keys: KeyRing;
  readonly #codecs: () => Codecs;
  readonly #duties: Duties;
  readonly #holding = new Set<string>();
  #held: Held[] = [];
  #filter: PushFilter | undefined;

  constructor(deps: { keys: KeyRing; codecs: () => Codecs; duties: Duties }) {
    this.#keys = deps.keys;
    this.#codecs = deps.codecs;
    this.#duties = deps.duties;
  }

  /** To every session of the key that is connected and wants updates. Throws TlEncodeError where a client's layer cannot carry it. */
  push(keyId: string, updates: TlObject): void {
    for (const passed of this.#filter?.(updates, keyId) ?? [updates]) {
      if (this.#holding.has('') || this.#holding.has(keyId)) this.#held.push({ keyId, updates: passed });
      else this.#deliver(keyId, passed);
    }
  }

  /** Every push passes through `filter` from now on; without one, as it is. */
  setFilter(filter: PushFilter | undefined): void {
    this.#filter = filter;
  }

  /** Keeps pushes back, those of one key or all. */
  hold(keyId = ''): void {
    this.#holding.add(keyId);
  }

  /** Ends what `hold` with the same argument began, and sends what was kept back. */
  release(order: 'forward' | 'reverse', keyId = ''): void {
    this.#holding.delete(keyId);
    const isReleased = (held: Held): boolean => keyId === '' || held.keyId === keyId;
    const released = this.#held.filter(isReleased);
    this.#held = this.#held.filter((held) => !isReleased(held));
    for (const held of order === 'reverse' ? released.reverse() : released) this.#deliver(held.keyId, held.updates);
  }

  /** Nothing is held or filtered any more; what was held goes out. */
  clear(): void {
    this.#filter = undefined;
    this.#holding.clear();
    this.release('forward');
  }

  /** As they are, past filter and holding. */
  pushBytes(keyId: string, bytes: Uint8Array): void {
    for (const session of this.#listeners(keyId)) session.sendContent(bytes);
  }

  #deliver(keyId: string, updates: TlObject): void {
    for (const session of this.#listeners(keyId)) {
      const codec = session.key.init === undefined ? undefined : this.#codecs().get(session.key.init.layer);
      if (codec === undefined) continue;
      if (updates._ === 'updatesTooLong') this.#duties.lost(session);
      session.sendContent(pack(codec.encode(updates)));
    }
  }

  #listeners(keyId: string): Session[] {
    return this.#keys.sessionsFor(keyId).filter(({ wantsUpdates, line }) => wantsUpdates && line !== undefined);
  }
}
