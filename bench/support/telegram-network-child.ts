import diagnostics from 'node:diagnostics_channel';
import { configSchema } from '../../connectors/telegram/config.ts';
import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import type { Guest } from '../../connectors/telegram/simulator/people/guest.ts';
import { AuthKey } from '../../connectors/telegram/simulator/wire/auth-key.ts';
import { hexOf } from '../../connectors/telegram/simulator/wire/bytes.ts';
import { wireStateSchema } from '../../connectors/telegram/simulator/wire/wire-state.ts';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { serve } from './remote.ts';

/** An account that is linked already: its key is known to the network, so that no client has to make one. */
export interface LinkedAccount {
  readonly id: string;
  readonly phone: string;
  readonly dcId: number;
  /** 256 bytes, base64. */
  readonly authKey: string;
  /** Telegram's id of the guest who writes to this account. */
  readonly guestId: string;
}

const HOME_DC = 1;
const KEY_BYTES = 256;
const GUESTS_AT_ONCE = 20; // then the sockets get their turn

let network = newNetwork();
const guests: Guest[] = [];
let sockets = 0;
diagnostics.subscribe('net.server.socket', () => {
  sockets += 1;
});

function newNetwork(state?: ConstructorParameters<typeof TelegramNetwork>[0]['state']): TelegramNetwork {
  return new TelegramNetwork({ clock: systemClock, random: systemRandom, ...(state === undefined ? {} : { state }) });
}

/** A key that does not begin with a zero byte: both libraries spoil those. */
function newKey(): Buffer {
  const bytes = Buffer.from(systemRandom.bytes(KEY_BYTES));
  bytes[0] = (bytes[0] ?? 0) | 1;
  return bytes;
}

const services = {
  open: async ({ accounts }: { accounts: number }) => {
    await network.start();
    const { wire, world } = network.exportState();
    await network.stop();
    const keys = Array.from({ length: accounts }, newKey);
    const facts = { dcId: HOME_DC, madeAt: systemClock.now() };
    const known = keys.map((bytes) => ({ ...facts, bytes: bytes.toString('base64') }));
    network = newNetwork({ wire: { ...wireStateSchema.parse(wire), keys: known }, world });
    await network.start();
    const linked = keys.map((bytes): LinkedAccount => {
      const account = network.createAccount({ dcId: HOME_DC });
      const guest = network.createGuest(account);
      guests.push(guest);
      const keyId = hexOf(AuthKey.idOf(bytes));
      network.world.parts.authorizations.bind({ keyId, dcId: HOME_DC }, account);
      const guestId = String(guest.account.id);
      return {
        id: String(account.id),
        phone: account.phone,
        dcId: HOME_DC,
        authKey: bytes.toString('base64'),
        guestId,
      };
    });
    return { config: configSchema.parse(network.config), accounts: linked };
  },
  /** The guests of these accounts write in turn, as fast as the network can or at a fixed rate. Resolves after the last. */
  say: async ({ accounts, count, perSecond }: { accounts: readonly number[]; count: number; perSecond?: number }) => {
    const begun = systemClock.monotonic();
    for (let index = 0; index < count; index += 1) {
      guests[accounts[index % accounts.length] ?? 0]?.say(
        `Message ${index}: may we have two more pillows in room 14, please?`,
      );
      if (perSecond !== undefined)
        await sleep(systemClock, Math.max(0, begun + (index * 1_000) / perSecond - systemClock.monotonic()));
      else if (index % GUESTS_AT_ONCE === GUESTS_AT_ONCE - 1) await new Promise((done) => setImmediate(done));
    }
  },
  /** Messages of the account that the guest's phone shows. */
  shown: (account: number) =>
    guests[account]?.seen().filter(({ type, by }) => type === 'message' && by === guests[account]?.desk.id).length ?? 0,
  cut: () => network.faults.cut(),
  /** Refuses new connections, or takes them again. */
  doors: (state: 'open' | 'refuse') => network.faults.newConnections(state),
  lines: () => network.server.transports.length,
  /** TCP connections that clients have opened so far. */
  sockets: () => sockets,
  violations: () => network.violations.map(({ code }) => code),
};

export type TelegramNetworkServices = typeof services;

serve(services);
