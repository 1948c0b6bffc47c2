import type { TelegramNetwork } from '../network.ts';
import type { AccountRecord } from '../world/state.ts';
import type { CastMember } from './cast.ts';
import { sandboxGuests, sandboxHotel } from './cast.ts';
import { Guest } from './guest.ts';

/** The people of the sandbox on their network: those of last time, where it was restored, or new ones. */
export class Town {
  readonly hotel: AccountRecord;
  /** What staff do on the account's own phone, in a chat that is always named. */
  readonly hotelPhone: Guest;
  readonly guests: ReadonlyMap<string, Guest>;

  constructor(deps: { readonly network: TelegramNetwork }) {
    const { network } = deps;
    this.hotel = settle(network, sandboxHotel);
    this.hotelPhone = new Guest({ world: network.world, account: this.hotel, desk: this.hotel });
    this.guests = new Map(
      sandboxGuests.map((member) => {
        const account = settle(network, member);
        return [member.key, new Guest({ world: network.world, account, desk: this.hotel })];
      }),
    );
  }

  /** How a person is called on a screen. */
  nameOf({ firstName, lastName }: Pick<AccountRecord, 'firstName' | 'lastName'>): string {
    return lastName === undefined ? firstName : `${firstName} ${lastName}`;
  }
}

function settle(network: TelegramNetwork, { phone, firstName, lastName, username }: CastMember): AccountRecord {
  const digits = phone.replace('+', '');
  const known = [...network.world.parts.state.accounts.values()].find((account) => account.phone === digits);
  if (known !== undefined) return known;
  const names = { firstName, username, ...(lastName === undefined ? {} : { lastName }) };
  return network.createAccount({ phone, ...names, phoneVisibleTo: 'contacts' });
}
