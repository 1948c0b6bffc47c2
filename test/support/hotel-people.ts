import type { ChatFacts, Intent, Lane } from '../../src/engine/pacing/types.ts';
import type { HotelAgenda } from './hotel-agenda.ts';
import { answerTo, deskTakesMs } from './hotel-answers.ts';
import type { Draws } from './hotel-draws.ts';
import type { HotelFigures } from './hotel-figures.ts';
import { arrivesAfterMs, reactionsTo, receivedOf } from './hotel-guests.ts';
import type { HotelLog } from './hotel-log.ts';
import type { HotelMonth } from './hotel-month.ts';
import type { HotelNetwork } from './hotel-network.ts';

/** How many of the guests who write get an answer at all. */
const ANSWERED = 0.92;

export interface PeopleDeps {
  readonly month: HotelMonth;
  readonly network: HotelNetwork;
  readonly agenda: HotelAgenda;
  readonly log: HotelLog;
  readonly draws: Draws;
  readonly figures: HotelFigures;
  /** Somebody at the desk answers. */
  readonly handOver: (intent: Intent, at: number) => void;
  /** The guest has written: what waits for them may go, or may not any more. */
  readonly onWrote: (guest: string) => void;
  readonly onOptOut: (guest: string) => void;
}

/** The guests of a made-up hotel, and who answers them. */
export class HotelPeople {
  readonly #deps: PeopleDeps;
  readonly #optedOut = new Set<string>();
  readonly #blocked = new Set<string>();
  readonly #answering = new Set<string>();
  #answers = 0;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
  }

  hasOptedOut(guest: string): boolean {
    return this.#optedOut.has(guest);
  }

  /** A message has left for a guest; `arrived` is called when it is on the phone. `facts` as they were before it. */
  receive(sent: { guest: string; at: number; lane: Lane; facts: ChatFacts; arrived: () => void }): void {
    const { month, agenda, draws } = this.#deps;
    const guest = month.guests.get(sent.guest);
    if (guest?.isOnNetwork !== true || this.#blocked.has(guest.id)) return;
    agenda.at(sent.at + arrivesAfterMs(draws), sent.arrived);
    const received = receivedOf(sent.lane, sent.facts, month.zone.wallAt(sent.at));
    for (const reaction of reactionsTo(guest, received, draws))
      agenda.at(sent.at + reaction.afterMs, (now) => {
        if (reaction.do === 'write') this.wrote(guest.id, now, reaction.words);
        else if (reaction.do === 'opt_out') this.#optOut(guest.id, now);
        else this.#block(guest.id, now);
      });
  }

  wrote(guest: string, at: number, words: number): void {
    const { log, network, agenda, draws, onWrote, handOver } = this.#deps;
    onWrote(guest);
    log.wrote(guest, at, words);
    network.wrote(guest, at);
    if (this.#answering.has(guest) || !draws.chance(ANSWERED)) return;
    this.#answering.add(guest);
    agenda.at(at + deskTakesMs(draws), (queuedAt) => {
      this.#answering.delete(guest);
      this.#answers += 1;
      handOver(answerTo(guest, `answer ${this.#answers}`, queuedAt, draws), queuedAt);
    });
  }

  #optOut(guest: string, at: number): void {
    const { log, network, figures, onOptOut } = this.#deps;
    log.wrote(guest, at, 1);
    network.wrote(guest, at);
    log.optedOut(at);
    this.#optedOut.add(guest);
    figures.optOuts += 1;
    onOptOut(guest);
  }

  #block(guest: string, at: number): void {
    if (this.#blocked.has(guest)) return;
    this.#blocked.add(guest);
    this.#deps.network.blocked(at);
    this.#deps.figures.blocks += 1;
  }
}
