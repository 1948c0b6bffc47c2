import type { PeerKey, Post } from './state.ts';

/** What a person's phone shows, whoever did it. `peer` is the chat as that person sees it. */
export type Happening =
  | { readonly type: 'message' | 'edited' | 'deleted'; readonly peer: PeerKey; readonly post: Post }
  | {
      readonly type: 'reaction';
      readonly peer: PeerKey;
      readonly post: Post;
      readonly by: bigint;
      readonly emoji: string;
    }
  | {
      readonly type: 'vote';
      readonly peer: PeerKey;
      readonly post: Post;
      readonly by: bigint;
      readonly options: readonly string[];
    }
  /** Others have read what this person wrote, up to this message. */
  | { readonly type: 'read'; readonly peer: PeerKey; readonly by: bigint; readonly upTo: Post }
  | { readonly type: 'typing'; readonly peer: PeerKey; readonly by: bigint; readonly on: boolean }
  | { readonly type: 'status'; readonly by: bigint; readonly isOnline: boolean };

export type Watcher = (happening: Happening) => void;

/** Phones that look on. Their owners need no connection. */
export class Watchers {
  readonly #watchers = new Map<bigint, Set<Watcher>>();
  #overseer: ((accountId: bigint, happening: Happening) => void) | undefined;

  /** Somebody who sees what all phones show. */
  overseeAll(overseer: (accountId: bigint, happening: Happening) => void): void {
    this.#overseer = overseer;
  }

  /** The returned function ends it. */
  watch(accountId: bigint, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(accountId) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(accountId, watchers);
    return () => void watchers.delete(watcher);
  }

  tell(accountId: bigint, happening: Happening): void {
    this.#overseer?.(accountId, happening);
    for (const watcher of this.#watchers.get(accountId) ?? []) watcher(happening);
  }
}
