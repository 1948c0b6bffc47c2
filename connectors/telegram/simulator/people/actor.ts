import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import { PeoplePace } from '../../../box/people-pace.ts';
import type { Happening } from '../world/happening.ts';
import { userKey } from '../world/peers.ts';
import { copyOf } from '../world/sequence.ts';
import type { World } from '../world/world.ts';
import type { Guest } from './guest.ts';
import type { StoryContent, StoryScript } from './story-scripts.ts';

export interface ActorState {
  /** The first message is out. */
  readonly begun: boolean;
  readonly answered: number;
}

export interface ActorOptions {
  readonly script: StoryScript;
  readonly guest: Guest;
  readonly world: World;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: (what: string) => void;
  readonly onProblem: (error: unknown) => void;
  readonly state?: ActorState | undefined;
}

/** Plays one guest in one story: begins it, reads after a while what the hotel says, answers as long as the script goes. */
export class Actor {
  readonly #options: ActorOptions;
  readonly #stopped = new AbortController();
  readonly #pace: PeoplePace;
  #begun: boolean;
  #answered: number;
  /** Messages of the hotel that nobody has looked at, by their ids on the hotel's side. */
  #unread: number[] = [];
  #isReacting = false;
  #endWatch: (() => void) | undefined;

  constructor(options: ActorOptions) {
    this.#options = options;
    const { clock, random, state } = options;
    this.#pace = new PeoplePace({ clock, random, signal: this.#stopped.signal });
    this.#begun = state?.begun ?? false;
    this.#answered = state?.answered ?? 0;
  }

  start(): void {
    const { world, guest } = this.#options;
    this.#endWatch = world.parts.watchers.watch(guest.account.id, (happening) => this.#notice(happening));
    if (!this.#begun) this.#run(() => this.#begin());
  }

  stop(): void {
    this.#stopped.abort();
    this.#endWatch?.();
  }

  exportState(): ActorState {
    return { begun: this.#begun, answered: this.#answered };
  }

  async #begin(): Promise<void> {
    await this.#pace.pause(this.#options.script.beginsAfterMs);
    for (const content of this.#options.script.opening) {
      await this.#say(content, undefined);
      this.#begun = true;
    }
  }

  #notice(happening: Happening): void {
    const { desk } = this.#options.guest;
    if (happening.type !== 'message' || happening.post.author !== desk.id || happening.peer !== userKey(desk.id))
      return;
    const { exchange } = this.#options.world.parts;
    const id = copyOf(exchange.sequence(desk, userKey(this.#options.guest.account.id)), happening.post.uid)?.id;
    if (id !== undefined) this.#unread.push(id);
    if (!this.#isReacting) this.#run(() => this.#react());
  }

  /** Reads, perhaps answers, and looks again: more may have come while the person was typing. */
  async #react(): Promise<void> {
    const { guest, script, tell } = this.#options;
    this.#isReacting = true;
    try {
      while (this.#unread.length > 0) {
        await this.#pace.lookAtPhone();
        const read = this.#unread.splice(0);
        guest.read();
        tell(read.length === 1 ? 'has read your message' : `has read your ${read.length} messages`);
        const answer = this.#begun ? script.answers[this.#answered] : undefined;
        if (answer === undefined) continue;
        this.#answered += 1;
        await this.#pace.think();
        await this.#say(answer, read.at(-1));
      }
    } finally {
      this.#isReacting = false;
    }
  }

  async #say(content: StoryContent, toId: number | undefined): Promise<void> {
    const { guest, tell } = this.#options;
    switch (content.kind) {
      case 'text':
        guest.startTyping();
        await this.#pace.type(content.text);
        guest.say(content.text);
        tell(`writes: "${content.text}"`);
        return;
      case 'place':
        guest.sendLocation(content.place);
        tell(`sends a place: ${content.place.name ?? 'unnamed'}`);
        return;
      case 'reaction':
        if (toId === undefined) return;
        guest.react(toId, content.emoji);
        tell(`reacts with ${content.emoji}`);
        return;
    }
  }

  #run(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#options.onProblem(error);
    });
  }
}
