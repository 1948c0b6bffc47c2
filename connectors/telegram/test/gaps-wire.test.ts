import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import type { EngineName } from '../mtproto/client.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import type { PeerKey } from '../simulator/world/state.ts';
import { weatherPolicy } from '../simulator/world/update-stream.ts';
import { Bench, isEnd, isMessage } from './session-support.ts';

type Said = Extract<ConnectorEvent, { type: 'message' }>;

const SEEDS = 15;
const STEPS = 12;

/** One account through many bad hours: real sockets, a real engine, a session that is cut, closed and killed. */
class BadLine {
  readonly network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  readonly #engine: EngineName;
  #bench: Bench | undefined;
  #guests: Guest[] = [];
  #chats: (PeerKey | undefined)[] = [];
  /** Ids of what the guests said, by the address of the chat. */
  readonly #said = new Map<string, string[]>();
  #isUp = false;

  constructor(engine: EngineName) {
    this.#engine = engine;
  }

  async start(): Promise<void> {
    await this.network.start();
    const desk = this.network.createAccount({ firstName: 'Desk' });
    this.#bench = new Bench(this.network, desk, [this.#engine]);
    await this.#bench.link();
    await this.#connect();
    this.#guests = [1, 2].map(() => this.network.createGuest(desk));
    const [host] = this.#guests;
    if (host === undefined) return;
    this.#chats = [undefined, host.createGroup('Family', this.#guests), host.createSupergroup('Party', this.#guests)];
  }

  async stop(): Promise<void> {
    await this.#bench?.stop();
    await this.network.stop();
  }

  async live(seed: number): Promise<void> {
    const random = seededRandom(seed);
    const { stream } = this.network;
    stream.policy = weatherPolicy(random, { drop: 0.2, duplicate: 0.2, hold: 0.3 });
    for (let step = 0; step < STEPS; step += 1) await this.#step(random);
    stream.policy = undefined;
    stream.discard();
    this.#kill(); // the last words may be lost: only the next connection finds them
    await this.#connect();
  }

  /** What the daemon was told, by chat, each message where it came first. */
  async told(): Promise<Record<string, readonly string[]>> {
    const bench = this.#bench;
    if (bench === undefined) return {};
    const all = [...this.#said].flatMap(([chat, ids]) => ids.map((id) => [chat, id] as const));
    for (const [chat, id] of all) {
      await bench.event((event): event is Said => {
        return isMessage(event) && event.message.networkId === id && event.message.chat.addresses[0] === chat;
      });
    }
    const told = new Map<string, Set<string>>();
    for (const { message } of bench.events.filter(isMessage)) {
      const chat = message.chat.addresses[0];
      if (message.content.type === 'text') told.set(chat, (told.get(chat) ?? new Set()).add(message.networkId));
    }
    return Object.fromEntries([...told].map(([chat, ids]) => [chat, [...ids]]));
  }

  get said(): Record<string, readonly string[]> {
    return Object.fromEntries(this.#said);
  }

  async #step(random: Random): Promise<void> {
    const fate = random.next();
    if (fate < 0.7) this.#say(random);
    else if (fate < 0.8 && this.#isUp) await this.#cut();
    else if (fate < 0.9) this.#kill();
    else if (!this.#isUp) await this.#connect();
  }

  #say(random: Random): void {
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random.next() * from.length)];
    const [guest, chat] = [pick(this.#guests), pick(this.#chats)];
    if (guest === undefined) return;
    const id = String(guest.say('text', chat));
    const address = chat === undefined ? `id:${guest.account.id}` : `group:${chat.replace(/^g/, '')}`;
    this.#said.set(address, [...(this.#said.get(address) ?? []), id]);
  }

  async #cut(): Promise<void> {
    const bench = this.#bench;
    if (bench === undefined) return;
    bench.events.splice(0, bench.events.length, ...bench.events.filter((event) => !isEnd(event)));
    this.network.server.wire.cut();
    await bench.event(isEnd);
    this.#isUp = false;
  }

  #kill(): void {
    this.#bench?.restart();
    this.#isUp = false;
  }

  async #connect(): Promise<void> {
    await this.#bench?.session.connect();
    this.#isUp = true;
  }
}

describe.each(engineNames)('updates over a real wire with %s', (engine) => {
  const line = new BadLine(engine);

  beforeAll(async () => {
    await line.start();
  });

  afterAll(async () => {
    await line.stop();
  });

  it('reach the daemon once and in order, over a line that loses, doubles, holds and breaks', async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) await line.live(seed);
    expect(await line.told()).toEqual(line.said);
    expect(line.network.violations).toEqual([]);
  }, 60_000);
});
