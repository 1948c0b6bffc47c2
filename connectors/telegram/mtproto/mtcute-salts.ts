import type { mtp, SessionConnectionParams } from '@mtcute/node';
import { Long } from '@mtcute/node';
import type { Clock } from '../../../src/core/clock.ts';
import { SaltBook } from './salt-book.ts';

type LibrarySalts = SessionConnectionParams['salts'];

const HALF_BITS = 32n;

/** The book in the form that the library asks for: its own keeper has timers that would outlive us. */
class Salts implements Pick<LibrarySalts, keyof LibrarySalts> {
  readonly #book: SaltBook;
  #serverTime = (): number => 0;

  constructor(deps: { readonly clock: Clock }) {
    this.#book = new SaltBook(deps);
  }

  get currentSalt(): Long {
    const salt = this.#book.current;
    return Long.fromBits(Number(BigInt.asIntN(32, salt)), Number(BigInt.asIntN(32, salt >> HALF_BITS)));
  }

  set currentSalt(salt: Long) {
    this.#book.name(toBigInt(salt));
  }

  get isFetching(): boolean {
    return this.#book.isAsking;
  }

  set isFetching(isFetching: boolean) {
    this.#book.isAsking = isFetching;
  }

  /** Tells seconds of the server's epoch. */
  setTimeSource(serverTime: () => number): void {
    this.#serverTime = serverTime;
  }

  shouldFetchSalts(): boolean {
    return this.#book.isShort;
  }

  setFutureSalts(salts: mtp.RawMt_future_salt[]): void {
    const read = salts.map(({ salt, validSince, validUntil }) => ({ salt: toBigInt(salt), validSince, validUntil }));
    this.#book.learn(this.#serverTime(), read);
  }

  destroy(): void {
    // No timer to stop.
  }
}

const toBigInt = (value: Long): bigint =>
  BigInt.asIntN(64, (BigInt(value.high) << HALF_BITS) | BigInt(value.low >>> 0));

/** For one connection: the library exports the type of its own keeper, not the class. */
export function makeSalts(deps: { readonly clock: Clock }): LibrarySalts {
  // The private members of the library's class are what the type asks for beyond `Salts`; only the class itself uses them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return new Salts(deps) as unknown as LibrarySalts;
}
