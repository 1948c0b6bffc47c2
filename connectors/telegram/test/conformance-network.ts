import type { LoginStep } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import type {
  AccountSide,
  GroupSide,
  NetworkSide,
  Refusal,
} from '../../../test/contract/connector-contract-harness.ts';
import type { EngineName } from '../mtproto/client.ts';
import { SANDBOX_API, TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import { defaultRules } from '../simulator/world/rules.ts';
import type { AccountRecord } from '../simulator/world/state.ts';
import type { NewAccount } from '../simulator/world/town.ts';
import { guestSide } from './conformance-guest.ts';

const FLOOD_SECONDS = 600;
/** What the kit's messages are sent with, if it is not files. */
const SEND = 'messages.sendMessage';

interface Options {
  readonly engine: EngineName;
  readonly group: 'basic' | 'supergroup';
}

/** Telegram in a box as the conformance kit works it, for accounts of people. */
export async function startTelegramNetwork(options: Options): Promise<NetworkSide> {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  await network.start();
  network.rules.reactions = 'any'; // the kit reacts with a swimmer, which Telegram does not offer
  return desksOf(network, options).side;
}

/** Accounts on a network, and the desks behind them. */
export function desksOf(network: TelegramNetwork, options: Options) {
  const desks = new Map<AccountSide, Desk>();
  const deskOf = (account: AccountSide): Desk => {
    const desk = desks.get(account);
    if (desk === undefined) throw new Error('not an account of this network');
    return desk;
  };
  const side: NetworkSide = {
    get config() {
      return { ...network.config, engines: [options.engine] };
    },
    createAccount: async () => {
      const desk = new Desk(network, options);
      const account = desk.side();
      desks.set(account, desk);
      return account;
    },
    createGuest: async (account) => {
      const desk = deskOf(account);
      return guestSide(desk.guest(), desk.aunt);
    },
    reset: () => reset(network),
    stop: () => network.stop(),
  };
  return { side, deskOf };
}

/** Everything as it should be; throws when a client did what no real one does. */
function reset(network: TelegramNetwork): void {
  const { reactions } = network.rules;
  network.clearFaults();
  Object.assign(network.rules, defaultRules(), { reactions });
  network.server.rules.minLayer = 0;
  const wrong = network.violations.map(({ code, detail }) => `${code}: ${detail}`);
  wrong.push(...network.server.internalErrors.map(({ message }) => message));
  wrong.push(...network.owed.filter(({ isLate }) => isLate).map(({ kind, ageMs }) => `late: ${kind} for ${ageMs} ms`));
  network.server.duties.clear();
  network.server.violations.clear();
  network.world.parts.violations.clear();
  network.server.internalErrors.length = 0;
  if (wrong.length > 0) throw new Error(`the client was wrong: ${wrong.join('; ')}`);
}

/** A hotel's account, what befalls it, and the guests who speak with it. */
export class Desk {
  readonly #network: TelegramNetwork;
  readonly #options: Options;
  readonly account: AccountRecord;
  readonly #guests: Guest[] = [];
  /** Writes what guests pass on. */
  readonly aunt: AccountRecord;

  constructor(network: TelegramNetwork, options: Options) {
    this.#network = network;
    this.#options = options;
    this.account = network.createAccount();
    this.aunt = network.createAccount();
  }

  guest(wanted: NewAccount = {}): Guest {
    const guest = this.#network.createGuest(this.account, wanted);
    this.#guests.push(guest);
    return guest;
  }

  side(): AccountSide {
    const { faults, stream } = this.#network;
    const address = `+${this.account.phone}`;
    return {
      address,
      secrets: [SANDBOX_API.apiHash],
      flow: (method) => (method === 'code' ? { method, phone: address } : { method }),
      satisfy: async (step) => this.#satisfy(step),
      wrongAnswer: (step) => (asksForCode(step) ? { code: 'wrong' } : undefined),
      cutLine: () => this.#cut(),
      beginOutage: () => {
        faults.newConnections('refuse');
        this.#cut();
      },
      endOutage: () => faults.newConnections('open'),
      refusals: () => this.#refusals(),
      loseNextAcknowledgement: () => {
        stream.policy = ({ keyId }) => {
          if (!this.#network.keysOf(this.account).includes(keyId)) return 'deliver';
          stream.policy = undefined;
          return 'duplicate';
        };
      },
      holdDeliveries: () => {
        stream.policy = () => ({ hold: Infinity });
      },
      releaseReversed: () => {
        stream.policy = undefined;
        stream.release('reversed');
      },
      ignoreNextSend: () => {
        faults.swallowAnswer(SEND);
        const isOurs = ({ by, type }: { by: bigint; type: string }): boolean =>
          type === 'message' && by === this.account.id;
        return { taken: Promise.race(this.#guests.map(({ screen }) => screen.next(isOurs))) };
      },
      stallConnections: () => faults.newConnections('stall'),
      createGroup: async () => this.#createGroup(),
    };
  }

  #satisfy(step: LoginStep): Readonly<Record<string, string>> | undefined {
    if (step.type === 'display') this.#network.scan(this.account, step.data);
    return asksForCode(step) ? { code: this.#network.codeOf(this.account) ?? '' } : undefined;
  }

  #cut(): void {
    for (const keyId of this.#network.keysOf(this.account)) this.#network.faults.cut(keyId);
  }

  #refusals(): readonly Refusal[] {
    const { authorizations, pushes } = this.#network.world.parts;
    const account = this.account;
    const kill = (code: number, text: string): void => authorizations.kill(account, { code, text }, { poke: true });
    const close = (standing: 'banned' | 'deleted'): void => {
      pushes.tooLong(account); // so that the client asks, and hears of it
      account.standing = standing;
    };
    return [
      { name: 'unlinked', kind: 'logged_out', at: 'live', strike: () => kill(401, 'SESSION_REVOKED') },
      { name: 'key forgotten', kind: 'logged_out', at: 'live', strike: () => authorizations.forget(account) },
      { name: 'ban', kind: 'banned', at: 'live', strike: () => close('banned') },
      { name: 'account deleted', kind: 'banned', at: 'live', strike: () => close('deleted') },
      {
        name: 'the key in two places',
        kind: 'logged_out',
        at: 'login',
        strike: () => kill(406, 'AUTH_KEY_DUPLICATED'),
      },
      {
        name: 'flood',
        kind: 'restricted',
        at: 'login',
        strike: () => this.#network.levers.flood({ account: account.id }, FLOOD_SECONDS),
      },
      {
        name: 'old layer',
        kind: 'client_outdated',
        at: 'login',
        strike: () => {
          this.#network.server.rules.minLayer = Infinity;
        },
      },
    ];
  }

  #createGroup(): GroupSide {
    const [first, second] = [this.guest(), this.guest()];
    const isBasic = this.#options.group === 'basic';
    const chat = isBasic ? first.createGroup('Kit family', [second]) : first.createSupergroup('Kit family', [second]);
    return {
      chat: { kind: 'group', addresses: [`group:${isBasic ? '' : 'c'}${chat.slice(1)}`] },
      members: [guestSide(first, this.aunt, chat), guestSide(second, this.aunt, chat)],
      say: async (text) => String(first.say(text, chat)),
    };
  }
}

const asksForCode = (step: LoginStep): boolean => step.type === 'input' && step.fields.some(({ id }) => id === 'code');
