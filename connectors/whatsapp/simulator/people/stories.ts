import { z } from 'zod';
import type { Clock } from '../../../../src/core/clock.ts';
import { isRecord } from '../../../../src/core/json.ts';
import { type Random, seededRandom } from '../../../../src/core/random.ts';
import { Actor } from './actor.ts';
import { isGroup } from './addresses.ts';
import { BoundedMap } from './bounded-map.ts';
import type { SeenContent, SeenItem } from './seen-item.ts';
import { type StoryScript, sandboxStories } from './story-scripts.ts';
import type { Town } from './town.ts';

export const storiesSchema = z.record(
  z.string(),
  z.object({ begun: z.boolean(), chat: z.string().optional(), answered: z.number() }),
);
/** How far each story has gone. */
export type StoriesState = z.input<typeof storiesSchema>;

/** One line for the terminal. Control characters are replaced: what the hotel says must not steer the terminal. */
export interface StoryLine {
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

export interface StoriesOptions {
  readonly town: Town;
  readonly clock: Clock;
  readonly random: Random;
  /** Called as things happen. */
  readonly tell: (line: StoryLine) => void;
  readonly scripts?: readonly StoryScript[];
  readonly state?: StoriesState | undefined;
}

const SEED_RANGE = 2 ** 32;
const REMEMBERED_LINES = 500; // a group's members see a message within seconds of each other

/**
 * The guests of the sandbox come alive: they write first, read after a human delay what the hotel answers, answer sometimes and
 * say thank you. Begin them when a companion is linked; before that only the phone would see them. The same seed gives each
 * guest the same pace.
 */
export class Stories {
  readonly #options: StoriesOptions;
  readonly #actors = new Map<string, Actor>();
  readonly #told = new BoundedMap<true>(REMEMBERED_LINES);
  readonly #ends: (() => void)[] = [];

  constructor(options: StoriesOptions) {
    this.#options = options;
    const state = storiesSchema.parse(options.state ?? {});
    for (const script of options.scripts ?? sandboxStories) {
      // A stream of its own for each guest: the order in which the hotel answers must not change another guest's pace.
      const random = seededRandom(Math.floor(options.random.next() * SEED_RANGE));
      this.#actors.set(script.key, this.#cast(script, random, state[script.key]));
    }
  }

  start(): void {
    for (const guest of this.#options.town.guests.values()) {
      this.#ends.push(guest.inbox.subscribe((item) => this.#tellOfHotel(guest.name, item)));
    }
    for (const actor of this.#actors.values()) actor.start();
  }

  stop(): void {
    for (const actor of this.#actors.values()) actor.stop();
    for (const end of this.#ends.splice(0)) end();
  }

  exportState(): StoriesState {
    return Object.fromEntries([...this.#actors].map(([key, actor]) => [key, actor.exportState()]));
  }

  /** A guest did something because whoever controls the sandbox wanted it: told like everything else that guests do. */
  tellOfControl(key: string, verb: string, input: unknown): void {
    const text = isRecord(input) && typeof input['text'] === 'string' ? input['text'] : null;
    const what = text !== null && (verb === 'say' || verb === 'reply') ? `writes: "${text}"` : CONTROLLED.get(verb);
    if (what !== undefined) this.#tell(this.#options.town.guest(key).name, what);
  }

  #cast(script: StoryScript, random: Random, state: StoriesState[string] | undefined): Actor {
    const { town, clock } = this.#options;
    const guest = town.guest(script.guest);
    return new Actor({
      script,
      guest,
      clock,
      random,
      state,
      openChat: () => this.#openChat(script),
      isHotel: (lid) => [...town.phones.values()].some((phone) => phone.lid === lid),
      tell: (what) => this.#tell(guest.name, what),
      onProblem: (error) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        town.network.violations.record('resident_failed', guest.lid, `story ${script.key}: ${reason}`);
      },
    });
  }

  #openChat(script: StoryScript): string {
    const { town } = this.#options;
    const { hotel } = town.guest(script.guest);
    if (script.group === undefined) return hotel;
    const maker = town.guest(script.group.madeBy);
    const members = script.group.others.map((key) => town.guest(key).lid);
    const chat = maker.createGroup(script.group.subject, [...members, hotel]);
    this.#tell(maker.name, `makes the group "${script.group.subject}" and adds you`);
    return chat;
  }

  #tellOfHotel(reader: string, item: SeenItem): void {
    if (item.type === 'unreadable') this.#tell(reader, 'got a message that the phone cannot read');
    if (item.type !== 'message') return;
    const hotel = [...this.#options.town.phones.values()].find((phone) => phone.lid === item.author);
    if (hotel === undefined || this.#told.has(item.id)) return;
    this.#told.set(item.id, true); // in a group each member sees it
    this.#tell(hotel.name, `to ${isGroup(item.chat) ? 'the group' : reader}: ${describe(item.content)}`);
  }

  #tell(who: string, what: string): void {
    this.#options.tell({ at: this.#options.clock.now(), who, what: what.replaceAll(/\p{Cc}+/gu, ' ') });
  }
}

/** What guests are made to do, and see themselves do; the rest is told where it is seen. */
const CONTROLLED: ReadonlyMap<string, string> = new Map([
  ['image', 'sends a picture'],
  ['video', 'sends a film'],
  ['voice', 'sends a voice note'],
  ['sticker', 'sends a sticker'],
  ['file', 'sends a file'],
  ['location', 'sends a place'],
  ['react', 'reacts to a message'],
  ['edit', 'corrects a message'],
  ['delete', 'deletes a message'],
  ['read', 'has read your messages'],
  ['offline', 'switches the phone off'],
  ['online', 'switches the phone on'],
]);

function describe(content: SeenContent): string {
  switch (content.kind) {
    case 'text':
      return `"${content.text}"`;
    case 'image':
    case 'video':
    case 'video_note':
    case 'voice':
    case 'audio':
    case 'file':
    case 'sticker':
      return `[${content.kind}]${content.caption === undefined ? '' : ` "${content.caption}"`}`;
    case 'broken_media':
      return `[${content.media}, which does not open: ${content.reason}]`;
    case 'reaction':
      return content.emoji === '' ? 'takes a reaction back' : `reacts with ${content.emoji}`;
    case 'edit':
      return `corrects a message to "${content.text}"`;
    case 'delete':
      return 'deletes a message';
    case 'location':
    case 'contact':
    case 'poll':
    case 'other':
      return `[${content.kind}]`;
  }
}
