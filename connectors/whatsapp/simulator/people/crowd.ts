import type { Network } from '../resident.ts';
import { toHiddenAddress, toPn } from './cast.ts';
import { Guest } from './guest.ts';
import type { MediaShelf } from './media-shelf.ts';
import { Phone } from './phone.ts';

const FIRST_NUMBER = 4_915_700_000_000; // thirteen digits; a mobile number's shape

export interface CrowdOptions {
  readonly network: Network;
  readonly shelf: MediaShelf;
  /** Number of accounts, each with a phone of its own and one guest who writes to it. */
  readonly size: number;
}

export interface CrowdAccount {
  readonly phone: Phone;
  readonly guest: Guest;
}

/** Many accounts at once, for benchmarks and crowded tests. Keys are made when first asked for, so a thousand cost little. */
export class Crowd {
  readonly accounts: readonly CrowdAccount[];

  constructor(options: CrowdOptions) {
    const { network, shelf } = options;
    this.accounts = Array.from({ length: options.size }, (_, index) => {
      const number = String(FIRST_NUMBER + index * 2);
      const guestNumber = String(FIRST_NUMBER + index * 2 + 1);
      const phone = new Phone({
        network,
        shelf,
        name: `Hotel ${index + 1}`,
        pn: toPn(number),
        lid: toHiddenAddress(number),
      });
      const guest = new Guest({
        network,
        shelf,
        name: `Guest ${index + 1}`,
        pn: toPn(guestNumber),
        lid: toHiddenAddress(guestNumber),
        hotel: phone.pn,
      });
      return { phone, guest };
    });
  }

  /** Attaches everybody. */
  start(): void {
    for (const { phone, guest } of this.accounts) {
      phone.start();
      guest.start();
    }
  }

  /**
   * Links one client an account, a few at a time: `nextQr` begins the linking of account `index` and resolves with the text of
   * its QR code. Clients make hundreds of keys while they link, so more at once is slower.
   */
  async linkAll(nextQr: (index: number) => Promise<string>, atOnce: number): Promise<void> {
    const waiting = this.accounts.map((account, index) => ({ phone: account.phone, index }));
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await next.phone.scan(await nextQr(next.index));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  /** Every guest writes once, all together; resolves with the ids in the order of the accounts. */
  sayAll(text: (index: number) => string): Promise<readonly string[]> {
    return Promise.all(this.accounts.map(({ guest }, index) => guest.say(text(index))));
  }
}
