import { sleep, systemClock } from '../../../src/core/clock.ts';
import type { AccountSide, GuestSide, NetworkSide } from '../../../test/contract/connector-contract-harness.ts';
import type { Prosody } from '../../../test/support/prosody.ts';
import { PROSODY_DOMAIN, startProsody } from '../../../test/support/prosody.ts';
import { XmppGuest } from './guest.ts';
import { Proxy } from './proxy.ts';

const POLL_MS = 4;
/** The resource under which the connector is connected. */
const RESOURCE = 'bellhop';

const clients = new WeakMap<GuestSide, XmppGuest>();

/** The client of a guest, for what the kit has no word for. */
export function clientOf(side: GuestSide): XmppGuest {
  const client = clients.get(side);
  if (client === undefined) throw new Error('not a guest of this network');
  return client;
}

/** A real Prosody, with a way to it that can be broken. Guests go straight. */
export async function startXmppNetwork(
  program: string,
  options = { scram: false },
): Promise<NetworkSide & { readonly proxy: Proxy }> {
  const prosody = await startProsody(program, options);
  const proxy = new Proxy({ target: prosody.port });
  await proxy.start();
  const desks = new Map<AccountSide, Desk>();
  const guests: XmppGuest[] = [];
  let serial = 0;
  const person = (kind: string) => {
    serial += 1;
    const user = { name: `${kind}${String(serial).padStart(4, '0')}`, password: `kit-secret-${serial}` };
    prosody.addUser(user.name, user.password);
    return user;
  };
  return {
    proxy,
    config: { service: `xmpp://127.0.0.1:${proxy.port}` },
    createAccount: async () => {
      const desk = new Desk({ prosody, proxy, ...person('desk') });
      const side = desk.side();
      desks.set(side, desk);
      return side;
    },
    createGuest: async (account) => {
      const guest = new XmppGuest({ ...person('guest'), port: prosody.port, hotel: account.address });
      await guest.start();
      guests.push(guest);
      desks.get(account)?.guests.push(guest);
      const side = guest.side();
      clients.set(side, guest);
      return side;
    },
    reset: async () => {
      proxy.mode = 'open';
      proxy.cut();
      await Promise.all(guests.splice(0).map((guest) => guest.stop()));
    },
    stop: async () => {
      await proxy.stop();
      await prosody.stop();
    },
  };
}

/** The account at the front desk. */
class Desk {
  readonly guests: XmppGuest[] = [];
  readonly #prosody: Prosody;
  readonly #proxy: Proxy;
  readonly #name: string;
  readonly #password: string;

  constructor(deps: { prosody: Prosody; proxy: Proxy; name: string; password: string }) {
    this.#prosody = deps.prosody;
    this.#proxy = deps.proxy;
    this.#name = deps.name;
    this.#password = deps.password;
  }

  side(): AccountSide {
    const proxy = this.#proxy;
    const address = `${this.#name}@${PROSODY_DOMAIN}`;
    const isPassword = (step: { type: string; fields?: readonly { id: string }[] }): boolean =>
      step.fields?.some(({ id }) => id === 'password') === true;
    return {
      address,
      secrets: [this.#password],
      flow: (method) => ({ method }),
      satisfy: async (step) => (isPassword(step) ? { password: this.#password } : { address }),
      wrongAnswer: (step) => (isPassword(step) ? { password: 'kit-wrong' } : undefined),
      cutLine: () => proxy.cut(),
      beginOutage: () => {
        proxy.mode = 'closed';
        proxy.cut();
      },
      endOutage: () => {
        proxy.mode = 'open';
      },
      refusals: () => [
        { name: 'another client', kind: 'replaced', at: 'live', strike: () => this.#connectElsewhere() },
        {
          name: 'account deleted',
          kind: 'logged_out',
          at: 'login',
          strike: () => this.#prosody.removeUser(this.#name),
        },
      ],
      loseNextAcknowledgement: () => proxy.deafen(),
      ignoreNextSend: () => {
        proxy.mute();
        return { taken: this.#heard() };
      },
      stallConnections: () => {
        proxy.mode = 'stalled';
      },
    };
  }

  async #connectElsewhere(): Promise<void> {
    const { port } = this.#prosody;
    const other = new XmppGuest({ name: this.#name, password: this.#password, port, hotel: '', resource: RESOURCE });
    await other.start();
    this.guests.push(other);
  }

  /** Resolves when a guest has seen one more text than now. */
  async #heard(): Promise<void> {
    const count = (): number => this.guests.flatMap((guest) => guest.side().seen()).filter(isText).length;
    const before = count();
    while (count() === before) await sleep(systemClock, POLL_MS);
  }
}

const isText = ({ type }: { readonly type: string }): boolean => type === 'text';
