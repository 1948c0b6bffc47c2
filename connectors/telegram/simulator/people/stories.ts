import { z } from 'zod';
import type { Clock } from '../../../../src/core/clock.ts';
import { type Random, seededRandom } from '../../../../src/core/random.ts';
import type { TelegramNetwork } from '../network.ts';
import { userKey } from '../world/peers.ts';
import { Actor } from './actor.ts';
import { readContent } from './content-reader.ts';
import type { Guest } from './guest.ts';
import type { SeenContent } from './seen-item.ts';
import { type StoryScript, sandboxStories } from './story-scripts.ts';
import type { Town } from './town.ts';

export const storiesSchema = z.record(z.string(), z.object({ begun: z.boolean(), answered: z.number() }));
/** How far each story has gone. */
export type StoriesState = z.input<typeof storiesSchema>;

/** One line for the terminal. Control characters are replaced: what the hotel says must not steer the terminal. */
export interface StoryLine {
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

export interface StoriesOptions {
  readonly network: TelegramNetwork;
  readonly town: Town;
  readonly clock: Clock;
  readonly random: Random;
  /** Called as things happen. */
  readonly tell: (line: StoryLine) => void;
  readonly scripts?: readonly StoryScript[];
  readonly state?: StoriesState | undefined;
}

const SEED_RANGE = 2 ** 32;

/** The guests of the sandbox come alive: they write first, read after a human delay what the hotel answers, and answer sometimes. */
export class Stories {
  readonly #options: StoriesOptions;
  readonly #actors = new Map<string, Actor>();
  readonly #ends: (() => void)[] = [];

  constructor(options: StoriesOptions) {
    this.#options = options;
    const { network, town, clock, random } = options;
    const state = storiesSchema.parse(options.state ?? {});
    for (const script of options.scripts ?? sandboxStories) {
      const guest = town.guests.get(script.guest);
      if (guest === undefined) throw new Error(`no guest is called ${script.guest}`);
      const actor = new Actor({
        script,
        guest,
        world: network.world,
        clock,
        random: seededRandom(Math.floor(random.next() * SEED_RANGE)),
        tell: (what) => this.#tell(town.nameOf(guest.account), what),
        onProblem: (error) =>
          this.#tell(town.nameOf(guest.account), `got stuck: ${error instanceof Error ? error.message : 'unknown'}`),
        state: state[script.guest],
      });
      this.#actors.set(script.guest, actor);
    }
  }

  start(): void {
    for (const guest of this.#options.town.guests.values()) this.#ends.push(this.#listen(guest));
    for (const actor of this.#actors.values()) actor.start();
  }

  stop(): void {
    for (const actor of this.#actors.values()) actor.stop();
    for (const end of this.#ends.splice(0)) end();
  }

  exportState(): StoriesState {
    return Object.fromEntries([...this.#actors].map(([key, actor]) => [key, actor.exportState()]));
  }

  #listen(guest: Guest): () => void {
    const { network, town } = this.#options;
    return network.world.parts.watchers.watch(guest.account.id, (happening) => {
      if (happening.type !== 'message' || happening.post.author !== town.hotel.id) return;
      if (happening.peer !== userKey(town.hotel.id)) return;
      const said = describe(readContent(network.world, happening.post));
      this.#tell(town.nameOf(town.hotel), `to ${town.nameOf(guest.account)}: ${said}`);
    });
  }

  #tell(who: string, what: string): void {
    const plain = what.replaceAll(/\p{Cc}+/gu, ' ');
    this.#options.tell({ at: this.#options.clock.now(), who, what: `on Telegram ${plain}` });
  }
}

function describe(content: SeenContent): string {
  switch (content.type) {
    case 'text':
      return `"${content.text}"`;
    case 'file':
      return `[${content.kind}]${content.caption === '' ? '' : ` "${content.caption}"`}`;
    case 'place':
    case 'contact':
    case 'poll':
    case 'service':
    case 'other':
      return `[${content.type}]`;
  }
}
