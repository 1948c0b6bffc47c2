import type { CorpusHouse } from './house.ts';
import type { SkipClock } from './skip-clock.ts';

/** One account on one network in a box, and everything that may befall it. */
export interface Stage {
  readonly clock: SkipClock;
  /** The engine on it; begins to connect when it resolves. */
  open(): Promise<CorpusHouse>;
  /** How often the network was asked for a connection so far. */
  knocks(): number;
  /** Everything as it should be; what was cut stays cut. */
  mend(): Promise<void>;
}

/** A network, on which stages are set up one after the other. */
export interface Theatre<S extends Stage> {
  start(): Promise<void>;
  /** Of a linked account; another one where the last one's was spoilt. */
  stage(): Promise<S>;
  /** The account of the last stage is of no more use. */
  spoil(): void;
  stop(): Promise<void>;
}
