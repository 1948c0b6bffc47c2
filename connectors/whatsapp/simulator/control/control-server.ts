import { z } from 'zod';
import { toTimestamp } from '../../../../src/core/clock.ts';
import type { JsonValue } from '../../../../src/core/json.ts';
import { ControlHttp, type ControlRequest, nothingThere } from '../../../box/control-http.ts';
import type { WhatsAppNetwork } from '../network.ts';
import type { ControlActions } from './control-actions.ts';
import { pullLever } from './levers.ts';

const TRAFFIC_SHOWN = 200; // what fits a terminal; tests ask the network itself

const scanSchema = z.strictObject({ qr: z.string().min(1) });
const codeSchema = z.strictObject({ code: z.string().min(1) });

/** The control interface of this network: what happened, what people do, what goes wrong. */
export class ControlServer {
  readonly #network: WhatsAppNetwork;
  readonly #actions: ControlActions;
  readonly #http: ControlHttp;

  constructor(deps: { network: WhatsAppNetwork; actions: ControlActions; port?: number }) {
    this.#network = deps.network;
    this.#actions = deps.actions;
    this.#http = new ControlHttp({ port: deps.port ?? 0, route: (request) => this.#route(request) });
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
    const { path } = request;
    const [first = '', second = '', third = ''] = path;
    const route = [request.method, first, ...(path.length > 1 ? [path.length === 2 ? second : '*'] : [])].join(' ');
    switch (route) {
      case 'GET state':
        return this.#state();
      case 'GET owed':
        return this.#owed();
      case 'GET violations':
        return this.#network.violations.all().map((entry) => ({ ...entry, at: toTimestamp(entry.at) }));
      case 'DELETE violations':
        this.#network.violations.clear();
        return {};
      case 'GET traffic':
        return this.#network.traffic
          .all()
          .slice(-TRAFFIC_SHOWN)
          .map((event) => ({ ...event, at: toTimestamp(event.at) }));
      case 'POST phone scan':
        await this.#actions.scan((await request.read(scanSchema)).qr);
        return {};
      case 'POST phone code':
        await this.#actions.enterCode((await request.read(codeSchema)).code);
        return {};
      case 'POST phone say':
      case 'POST phone read':
      case 'POST phone offline':
      case 'POST phone online':
        return this.#actions.actOnPhone(second, await request.read(z.unknown()));
      case 'GET guests *':
        if (path.length === 3 && third === 'seen') return this.#actions.seen(second);
        break;
      case 'POST guests *':
        if (path.length === 3) return this.#actions.act(second, third, await request.read(z.unknown()));
        break;
      default:
        if (request.method === 'POST' && first === 'faults' && path.length === 2) {
          pullLever(this.#network.faults, second, await request.read(z.unknown()));
          return {};
        }
    }
    throw nothingThere(request);
  }

  /** By device. */
  #owed(): JsonValue {
    const { duties } = this.#network;
    const devices = this.#network
      .companions()
      .map((jid) => [jid, duties.owed(jid).map((debt) => ({ ...debt }))] as const);
    return Object.fromEntries(devices);
  }

  #state(): JsonValue {
    return {
      endpoint: this.#network.wsUrl,
      trustedRoot: this.#network.rootKey,
      violations: this.#network.violations.all().length,
      duplicates: this.#network.ledger.duplicates,
      enforced: this.#network.enforcement.state(),
      companions: this.#network.companions().map((jid) => ({
        jid,
        online: this.#network.isOnline(jid),
        owes: this.#network.duties.owed(jid).map(({ kind, detail }) => `${kind}: ${detail}`),
        oneTimeKeys: this.#network.oneTimeKeysOf(jid),
      })),
      people: this.#actions.state(),
    };
  }
}
