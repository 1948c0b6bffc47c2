import type { mtp, SessionConnectionParams } from '@mtcute/node';
import { Long } from '@mtcute/node';

type LibrarySalts = SessionConnectionParams['salts'];

/** Keeps the salt that the server last named. The server tells a new one with `bad_server_salt` whenever it is needed. */
class Salts implements Pick<LibrarySalts, keyof LibrarySalts> {
  currentSalt = Long.ZERO;
  isFetching = false;

  setTimeSource(): void {
    // No salt is exchanged by the clock.
  }

  shouldFetchSalts(): boolean {
    return false;
  }

  setFutureSalts(_salts: mtp.RawMt_future_salt[]): void {
    // Never asked for.
  }

  destroy(): void {
    // No timer to stop.
  }
}

/** For one connection: the library exports the type of its own keeper, not the class, whose timers would outlive us besides. */
export function makeSalts(): LibrarySalts {
  // The private members of the library's class are what the type asks for beyond `Salts`; only the class itself uses them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return new Salts() as unknown as LibrarySalts;
}
