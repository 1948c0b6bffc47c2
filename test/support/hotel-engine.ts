import type { Chat } from '../../src/connector-api/index.ts';
import { toTimestamp } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Message } from '../../src/engine/model/message.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import type { Intent } from '../../src/engine/pacing/types.ts';
import { EngineFixture } from './engine-fixture.ts';
import type { FakeLine } from './fake-host.ts';
import { answerTo, deskTakesMs } from './hotel-answers.ts';
import { Draws } from './hotel-draws.ts';
import { arrivesAfterMs, reactionsTo, receivedOf } from './hotel-guests.ts';
import { HotelLog } from './hotel-log.ts';
import type { HotelMonth } from './hotel-month.ts';
import type { HotelNetwork } from './hotel-network.ts';
import type { Taken, Verdict } from './hotel-wire.ts';
import { HotelWire } from './hotel-wire.ts';

const DAY_MS = 24 * 60 * 60_000;
const SESSION = 'front-desk';
const FILLER = ' Thank you for staying with us, and tell us what we can do for you.';

/** An answer that somebody handed over, and what it needs at the least. */
export interface Answered {
  readonly id: string;
  readonly intent: Intent;
  /** As the guest had written by then. */
  readonly lastInboundAt: number;
  readonly unreadWords: number;
}

/**
 * A made-up hotel on the real engine, store and outbox, on a clock that stands still: what it hands over goes through the API, what
 * guests do comes in as a connector tells it, and each message that leaves is judged by the models.
 */
export class HotelEngine {
  readonly fixture: EngineFixture;
  readonly accepted: string[] = [];
  readonly answers: Answered[] = [];
  refused = 0;
  readonly #month: HotelMonth;
  readonly #network: HotelNetwork;
  readonly #line: FakeLine;
  readonly #draws: Draws;
  /** How it stands with each guest, as seen from outside. */
  readonly #log = new HotelLog({ tellsDelivery: true });
  readonly #addresses = new Map<string, string>();
  readonly #guests = new Map<string, string>();
  readonly #intents = new Map<string, Intent>();
  readonly #blocked = new Set<string>();
  readonly #answering = new Set<string>();
  readonly #failures: unknown[] = [];
  #serial = 0;

  private constructor(deps: { fixture: EngineFixture; line: FakeLine; month: HotelMonth; network: HotelNetwork }) {
    this.fixture = deps.fixture;
    this.#line = deps.line;
    this.#month = deps.month;
    this.#network = deps.network;
    this.#draws = new Draws(seededRandom(deps.month.kind.seed + 3));
    for (const id of deps.month.guests.keys()) this.#name(id);
  }

  /** Linked and online, with the guests who wrote before known to it, at the beginning of the month. */
  static async open(deps: {
    readonly month: HotelMonth;
    readonly network: HotelNetwork;
    readonly verdict?: Verdict;
  }): Promise<HotelEngine> {
    const { month } = deps;
    const { kind, from } = month;
    const fixture = await EngineFixture.open({ seed: kind.seed, pacing: defaultRules(kind.timeZone) });
    const { store, clock } = fixture;
    clock.jump(from - 10 * DAY_MS - clock.now());
    const settings = { numberSince: toTimestamp(kind.bornAt) };
    await store.createSession({ id: SESSION, property: 'main', channel: 'fake', settings });
    const account = { address: '+15550000001' };
    await store.recordSessionChange({
      sessionId: SESSION,
      state: 'connecting',
      reason: null,
      at: clock.now(),
      account,
    });
    const line = fixture.host.line(SESSION);
    const house = new HotelEngine({ ...deps, fixture, line });
    new HotelWire({
      ...deps,
      clock,
      line,
      verdict: deps.verdict ?? (() => null),
      log: house.#log,
      guestOf: (address) => house.#guests.get(address) ?? '',
      intentOf: (address, body) => house.#intents.get(`${address} ${body}`),
      onTaken: (taken) => house.#take(taken),
    }).start();
    await fixture.engine.start();
    await fixture.untilState('connected');
    await house.#meet();
    clock.jump(from - clock.now());
    return house;
  }

  /** Lives through the month. Rejects with what went wrong in a hook. */
  async live(): Promise<void> {
    const { happenings, until } = this.#month;
    for (const happening of happenings) {
      await this.#advanceTo(happening.at);
      if (happening.do === 'ask') await this.#wrote(happening.guest, happening.words);
      else await this.#handOver(happening.intent);
    }
    await this.#advanceTo(until);
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'something went wrong at the hotel');
  }

  async messages(): Promise<readonly Message[]> {
    return Promise.all(this.accepted.map((id) => this.fixture.message(id)));
  }

  /** Those who wrote before. */
  async #meet(): Promise<void> {
    for (const { id, wroteBefore } of this.#month.guests.values()) {
      if (!wroteBefore) continue;
      await this.#emit(id, 3);
      this.#log.knows(id, this.fixture.clock.now());
      this.#network.knows(id, this.#month.from);
    }
  }

  async #advanceTo(at: number): Promise<void> {
    const { clock } = this.fixture;
    if (at > clock.now()) await clock.advance(at - clock.now());
  }

  /** In so long, by the clock of the house. */
  #after(delayMs: number, work: () => Promise<void>): void {
    this.fixture.clock.after(Math.round(delayMs), () => {
      work().catch((error: unknown) => this.#failures.push(error));
    });
  }

  async #handOver(intent: Intent): Promise<void> {
    const { conversationId, purpose, urgency, expiresAt, sendAt } = intent;
    const to = this.#addressOf(conversationId);
    const body = bodyOf(intent);
    this.#intents.set(`${to} ${body}`, intent);
    const basis = { reservation: `R-${conversationId}`, consent: 'booking form' };
    const times = { ...(expiresAt === null ? {} : { expiresAt }), ...(sendAt === null ? {} : { sendAt }) };
    try {
      const { id } = await this.fixture.accept({ to, body, purpose, urgency, basis, ...times });
      this.accepted.push(id);
      const { lastInboundAt, unreadWords } = this.#log.facts(conversationId);
      if (purpose === 'reply' && lastInboundAt !== null) this.answers.push({ id, intent, lastInboundAt, unreadWords });
    } catch (error) {
      if (!(error instanceof BellhopError) || error.code !== 'opted_out') throw error;
      this.refused += 1;
    }
  }

  /** The network has a message for a guest. */
  #take({ message, guest: id, lane, facts, arrived }: Taken): void {
    const guest = this.#month.guests.get(id);
    if (guest?.isOnNetwork !== true || this.#blocked.has(id)) return;
    const { clock } = this.fixture;
    this.#after(arrivesAfterMs(this.#draws), async () => {
      arrived();
      const { networkId, chat } = message;
      const receipt = { chat, networkIds: [networkId], status: 'delivered', at: clock.now() } as const;
      await this.#line.emit({ type: 'receipt', receipt });
    });
    for (const reaction of reactionsTo(
      guest,
      receivedOf(lane, facts, this.#month.zone.wallAt(clock.now())),
      this.#draws,
    ))
      this.#after(reaction.afterMs, async () => {
        if (reaction.do === 'write') await this.#wrote(id, reaction.words);
        else if (reaction.do === 'opt_out') await this.#emit(id, 0);
        else if (!this.#blocked.has(id)) {
          this.#blocked.add(id);
          this.#network.blocked(clock.now());
        }
      });
  }

  async #wrote(guest: string, words: number): Promise<void> {
    await this.#emit(guest, words);
    if (this.#answering.has(guest) || this.#draws.chance(0.08)) return;
    this.#answering.add(guest);
    this.#after(deskTakesMs(this.#draws), async () => {
      this.#answering.delete(guest);
      this.#serial += 1;
      await this.#handOver(answerTo(guest, `answer ${this.#serial}`, this.fixture.clock.now(), this.#draws));
    });
  }

  /** So many words from a guest; 0 = STOP. */
  async #emit(guest: string, words: number): Promise<void> {
    const now = this.fixture.clock.now();
    const address = this.#addressOf(guest);
    this.#serial += 1;
    this.#log.wrote(guest, now, Math.max(1, words));
    this.#network.wrote(guest, now);
    const chat: Chat = { kind: guest === 'group' ? 'group' : 'direct', addresses: [address] };
    const sender = guest === 'group' ? this.#addressOf('guide') : address;
    const message = this.fixture.inbound({
      networkId: `IN-${this.#serial}`,
      chat,
      sender: { addresses: [sender] },
      content: { type: 'text', body: words === 0 ? 'STOP' : Array.from({ length: words }, () => 'towel').join(' ') },
      sentAt: now,
    });
    await this.#line.emit({ type: 'message', message });
  }

  #addressOf(guest: string): string {
    return this.#addresses.get(guest) ?? this.#name(guest);
  }

  #name(guest: string): string {
    const digits = String(this.#addresses.size).padStart(5, '0');
    const address = guest === 'group' ? 'group:1' : `+155540${digits}`;
    this.#addresses.set(guest, address);
    this.#guests.set(address, guest);
    return address;
  }
}

/** A text of the right length; the same for the same key. */
function bodyOf({ textKey, messageId, textLength }: Intent): string {
  const head = `${textKey ?? messageId}.`;
  return (head + FILLER.repeat(Math.ceil(textLength / FILLER.length))).slice(0, Math.max(head.length, textLength));
}
