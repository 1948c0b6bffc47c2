import type { Happening } from '../world/happening.ts';
import { idOf, isChannelKey, isUserKey, userKey } from '../world/peers.ts';
import { copyOf } from '../world/sequence.ts';
import type { AccountRecord, PeerKey, Post, Sequence } from '../world/state.ts';
import type { World } from '../world/world.ts';
import { readContent } from './content-reader.ts';
import type { SeenFacts, SeenItem } from './seen-item.ts';

const KEPT_ITEMS = 10_000; // a guest of a long benchmark must not keep everything for ever

/** What somebody's phone showed, oldest first, and a way to wait for more without sleeping. */
export class Screen {
  readonly #world: World;
  readonly #owner: AccountRecord;
  readonly #desk: AccountRecord;
  readonly #items: SeenItem[] = [];
  readonly #ids = new Map<number, number>();
  readonly #listeners = new Set<() => void>();

  constructor(deps: { readonly world: World; readonly owner: AccountRecord; readonly desk: AccountRecord }) {
    this.#world = deps.world;
    this.#owner = deps.owner;
    this.#desk = deps.desk;
  }

  /** From then on everything that happens is shown; the returned function ends it. */
  start(): () => void {
    return this.#world.parts.watchers.watch(this.#owner.id, (happening) => this.#show(happening));
  }

  seen(): readonly SeenItem[] {
    return this.#items;
  }

  /** Resolves with the first item, old or new, that `matches`. */
  async waitFor<T extends SeenItem>(matches: (item: SeenItem) => item is T): Promise<T> {
    const found = this.#items.find((item) => matches(item));
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.#items.some((item) => matches(item))) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
    return this.waitFor(matches);
  }

  /** Resolves with the next item that `matches`; what is on the screen already does not count. */
  next(matches: (item: SeenItem) => boolean): Promise<SeenItem> {
    const shown = new Set(this.#items);
    return this.waitFor((item): item is SeenItem => !shown.has(item) && matches(item));
  }

  /** Resolves with the text once it is on the screen. */
  waitForText(text: string): Promise<SeenItem> {
    return this.waitFor((item): item is SeenItem => textOfItem(item) === text);
  }

  texts(): readonly string[] {
    return this.#items.flatMap((item) => textOfItem(item) ?? []);
  }

  /** The id under which the desk knows a post, or knew it before it was deleted. */
  deskId(post: Post, peer: PeerKey): number {
    const id = copyOf(this.#deskSequence(peer), post.uid)?.id ?? this.#ids.get(post.uid) ?? 0;
    this.#ids.set(post.uid, id);
    return id;
  }

  #deskSequence(peer: PeerKey): Sequence {
    return isChannelKey(peer) ? this.#world.parts.peers.channel(idOf(peer)).sequence : this.#desk.box;
  }

  #show(happening: Happening): void {
    const facts = this.#facts(happening);
    if (facts === undefined) return;
    const peer = happening.type === 'status' ? userKey(happening.by) : happening.peer;
    const chat = isUserKey(peer) ? 'direct' : idOf(peer);
    const by = 'by' in happening ? happening.by : happening.post.author;
    this.#items.push({ chat, by, ...facts });
    if (this.#items.length > KEPT_ITEMS) this.#items.shift();
    for (const listener of this.#listeners) listener();
  }

  #facts(happening: Happening): SeenFacts | undefined {
    switch (happening.type) {
      case 'typing':
        return { type: 'typing', on: happening.on };
      case 'status':
        return { type: 'status', isOnline: happening.isOnline };
      case 'read':
        return { type: 'read', id: this.deskId(happening.upTo, happening.peer) };
      case 'message':
        return this.#message(happening.post, happening.peer);
      case 'edited':
        return { type: 'edited', id: this.deskId(happening.post, happening.peer), text: happening.post.text };
      case 'deleted':
        return { type: 'deleted', id: this.deskId(happening.post, happening.peer) };
      case 'reaction':
        return { type: 'reaction', id: this.deskId(happening.post, happening.peer), emoji: happening.emoji };
      case 'vote':
        return { type: 'vote', id: this.deskId(happening.post, happening.peer), options: happening.options };
    }
  }

  #message(post: Post, peer: PeerKey): SeenFacts {
    const id = this.deskId(post, peer);
    const replied = post.replyTo === undefined ? undefined : copyOf(this.#deskSequence(peer), post.replyTo)?.id;
    return {
      type: 'message',
      id,
      content: readContent(this.#world, post),
      entities: post.entities,
      ...(replied === undefined ? {} : { replyTo: replied }),
      ...(post.groupedId === undefined ? {} : { albumId: post.groupedId }),
      isForwarded: post.forward !== undefined,
    };
  }
}

function textOfItem(item: SeenItem): string | undefined {
  return item.type === 'message' && item.content.type === 'text' ? item.content.text : undefined;
}
