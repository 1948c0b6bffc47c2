import { z } from 'zod';
import type { JsonValue } from '../../../../src/core/json.ts';
import { ControlError } from '../../../box/control-error.ts';
import { ControlHttp, type ControlRequest, nothingThere } from '../../../box/control-http.ts';
import type { TelegramNetwork } from '../network.ts';
import type { Guest } from '../people/guest.ts';
import type { Town } from '../people/town.ts';
import { userKey } from '../world/peers.ts';
import type { PeerKey } from '../world/state.ts';
import { pullLever } from './levers.ts';
import { describeSeen, isPeerKey, verbs } from './verbs.ts';

const SHOWN_ITEMS = 20; // the last things on each guest's screen

const scanInput = z.strictObject({ qr: z.string().min(1) });
const sayInput = z.strictObject({ to: z.string().min(1), text: z.string().min(1) });
const readInput = z.strictObject({ chat: z.string().min(1) });
/** `null` takes the two-step password away. */
const passwordInput = z.strictObject({ password: z.string().min(1).nullable() });

/** The control interface of this network: who there is, what people do, what goes wrong. */
export class ControlServer {
  readonly #network: TelegramNetwork;
  readonly #town: Town;
  readonly #onLinked: () => Promise<void>;
  readonly #http: ControlHttp;

  constructor(deps: {
    network: TelegramNetwork;
    town: Town;
    port: number;
    /** The hotel's phone has let a device in. */
    onLinked: () => Promise<void>;
  }) {
    this.#network = deps.network;
    this.#town = deps.town;
    this.#onLinked = deps.onLinked;
    this.#http = new ControlHttp({ port: deps.port, route: (request) => this.#route(request) });
  }

  /** Rejects when the wanted port is taken. */
  start(): Promise<void> {
    return this.#http.start();
  }

  stop(): Promise<void> {
    return this.#http.stop();
  }

  get url(): string {
    return this.#http.url;
  }

  async #route(request: ControlRequest): Promise<JsonValue> {
    const [first = '', second = '', third = ''] = request.path;
    const depth = request.path.length;
    if (first === 'guests' && depth === 3) {
      if (request.method === 'GET' && third === 'seen') return this.#guest(second).seen().map(describeSeen);
      if (request.method === 'POST') return this.#act(second, third, await request.read(z.unknown()));
    }
    if (first === 'faults' && depth === 2 && request.method === 'POST') {
      pullLever(this.#network, this.#town.hotel, second, await request.read(z.unknown()));
      return {};
    }
    if (request.method === 'GET' && first === 'phone' && second === 'code' && depth === 3)
      return { code: this.#network.codeFor(third) ?? null };
    switch (`${request.method} ${request.path.join('/')}`) {
      case 'GET state':
        return this.#state();
      case 'GET violations':
        return this.#network.violations.map(({ code, detail }) => ({ code, detail }));
      case 'GET owed':
        return this.#network.owed.map(({ kind, ageMs, isLate }) => ({ kind, ageMs: Math.round(ageMs), isLate }));
      case 'POST phone/scan':
        this.#network.scan(this.#town.hotel, (await request.read(scanInput)).qr);
        await this.#onLinked();
        return {};
      case 'GET phone/code':
        return { code: this.#network.codeOf(this.#town.hotel) ?? null };
      case 'POST phone/say': {
        const { to, text } = await request.read(sayInput);
        return { id: this.#town.hotelPhone.say(text, this.#chat(to)) };
      }
      case 'POST phone/read':
        this.#town.hotelPhone.read(this.#chat((await request.read(readInput)).chat));
        return {};
      case 'POST phone/password':
        this.#network.setPassword(this.#town.hotel, (await request.read(passwordInput)).password);
        return {};
      default:
        throw nothingThere(request);
    }
  }

  #act(key: string, name: string, input: unknown): JsonValue {
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined)
      throw new ControlError(404, `guests cannot ${name}; they can ${Object.keys(verbs).join(', ')}`);
    return verb(this.#guest(key), input, this.#town);
  }

  #state(): JsonValue {
    return {
      violations: this.#network.violations.length,
      enforced: this.#network.enforcement.state(),
      late: this.#network.owed.filter(({ isLate }) => isLate).length,
      linkedDevices: this.#network.keysOf(this.#town.hotel).length,
      guests: [...this.#town.guests].map(([key, guest]) => ({
        key,
        name: this.#town.nameOf(guest.account),
        address: `id:${guest.account.id}`,
        username: guest.account.username ?? null,
        seen: guest.seen().slice(-SHOWN_ITEMS).map(describeSeen),
      })),
    };
  }

  /** A guest by key, or a group as `group` answered it. */
  #chat(name: string): PeerKey {
    return isPeerKey(name) ? name : userKey(this.#guest(name).account.id);
  }

  #guest(key: string): Guest {
    const guest = this.#town.guests.get(key);
    if (guest !== undefined) return guest;
    throw new ControlError(404, `no guest is called ${key}; there are ${[...this.#town.guests.keys()].join(', ')}`);
  }
}
