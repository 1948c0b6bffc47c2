import type { TelegramConfig } from '../../connectors/telegram/config.ts';
import type { EngineName } from '../../connectors/telegram/mtproto/client.ts';
import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import type { Guest } from '../../connectors/telegram/simulator/people/guest.ts';
import type { AccountRecord } from '../../connectors/telegram/simulator/world/state.ts';
import { Bench } from '../../connectors/telegram/test/session-support.ts';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { MemoryVault } from '../support/memory-vault.ts';
import { Door } from './door.ts';
import { CorpusHouse, inlineHost } from './house.ts';
import { SkipClock } from './skip-clock.ts';
import type { Stage, Theatre } from './stage.ts';

/** Layers by engine, as their libraries ship them. */
const LAYER: Readonly<Record<EngineName, number>> = { gramjs: 198, mtcute: 227 };
const FLAPS = 10;
/** A flapping line breaks so soon after it was opened; ms. */
const FLAP_MS = 250;

/** The server's clock may be wrong. */
class SkewedClock implements Clock {
  skewMs = 0;
  now = (): number => systemClock.now() + this.skewMs;
  monotonic = systemClock.monotonic;
  after = systemClock.after;
}

/** Telegram in a box, for accounts that use one engine and fall back to the other. */
export class TelegramTheatre implements Theatre<TelegramStage> {
  readonly #engines: [EngineName, EngineName];
  readonly #serverClock = new SkewedClock();
  readonly #home: Home = { network: new TelegramNetwork({ clock: this.#serverClock, random: systemRandom }) };
  #door: Door | undefined;
  #bench: Bench | undefined;

  constructor(engine: EngineName) {
    this.#engines = engine === 'gramjs' ? ['gramjs', 'mtcute'] : ['mtcute', 'gramjs'];
  }

  async start(): Promise<void> {
    await this.#home.network.start();
    this.#door = new Door({ target: this.#home.network.config.endpoint.port });
    await this.#door.start();
  }

  async stage(): Promise<TelegramStage> {
    const door = this.#door;
    if (door === undefined) throw new Error('not started');
    if (this.#bench === undefined) {
      this.#bench = new Bench(this.#home.network, this.#home.network.createAccount(), this.#engines);
      await this.#bench.link();
      await this.#bench.stop();
    }
    const { account, vault, config } = this.#bench;
    const { endpoint } = this.#home.network.config;
    return new TelegramStage({
      home: this.#home,
      serverClock: this.#serverClock,
      door,
      account,
      vault,
      config: { ...config, endpoint: { ...endpoint, port: door.port } },
      engine: this.#engines[0],
    });
  }

  spoil(): void {
    this.#bench = undefined;
  }

  async stop(): Promise<void> {
    await this.#door?.stop();
    await this.#home.network.stop();
  }
}

/** The network may be another one tomorrow, with the same keys. */
interface Home {
  network: TelegramNetwork;
}

interface StageDeps {
  readonly home: Home;
  readonly serverClock: SkewedClock;
  readonly door: Door;
  readonly account: AccountRecord;
  readonly vault: MemoryVault;
  readonly config: TelegramConfig;
  readonly engine: EngineName;
}

export class TelegramStage implements Stage {
  readonly clock = new SkipClock();
  readonly door: Door;
  readonly account: AccountRecord;
  readonly vault: MemoryVault;
  readonly #deps: StageDeps;
  #config: TelegramConfig;
  #guest: Guest | undefined;
  #flapsLeft = 0;

  constructor(deps: StageDeps) {
    this.#deps = deps;
    this.#config = deps.config;
    this.door = deps.door;
    this.account = deps.account;
    this.vault = deps.vault;
  }

  get network(): TelegramNetwork {
    return this.#deps.home.network;
  }

  open(): Promise<CorpusHouse> {
    return CorpusHouse.open({
      channel: 'telegram',
      config: this.#config,
      account: { address: `+${this.account.phone}`, kind: 'user' },
      clock: this.clock,
      host: inlineHost({ vault: this.vault, clock: this.clock.withRealDates }),
    });
  }

  knocks(): number {
    return this.door.knocks;
  }

  async mend(): Promise<void> {
    this.#flapsLeft = 0;
    this.#deps.serverClock.skewMs = 0;
    this.network.clearFaults();
    this.network.server.rules.minLayer = 0;
    this.network.server.rules.maxLayer = Infinity;
    this.vault.beforeCommit = undefined;
    await this.door.become({ do: 'open' });
  }

  /** How far the server's clock is ahead of ours, from now on: it jumps. */
  serverIsAhead(ms: number): void {
    this.#deps.serverClock.skewMs = ms;
  }

  /** How far it is behind: another server with the same keys, for the ids of one server never go back. */
  async serverIsBehind(ms: number): Promise<void> {
    const { home, serverClock } = this.#deps;
    const state = home.network.exportState();
    await home.network.stop();
    serverClock.skewMs = -ms;
    home.network = new TelegramNetwork({ clock: serverClock, random: systemRandom, state });
    await home.network.start();
  }

  get keyId(): string {
    return this.network.keysOf(this.account)[0] ?? '';
  }

  /** Each call of the account gets this until it is mended. */
  answerAll(code: number, text: string): void {
    this.network.levers.refuse({ account: this.account.id }, { code, text }, { times: Infinity });
  }

  /** For the engine that is opened next. */
  loseApiId(): void {
    const { apiId: _id, apiHash: _hash, ...rest } = this.#config;
    this.#config = rest;
  }

  /** Something is pushed that makes a client ask. */
  poke(): void {
    this.network.world.parts.pushes.tooLong(this.account);
  }

  async guestSays(): Promise<void> {
    this.#guest ??= this.network.createGuest(this.account);
    this.#guest.say('Is my room ready?');
  }

  /** The layer of the engine that is used first is not taken any more, the other's is. */
  refuseOwnLayer(): void {
    const { rules } = this.network.server;
    const own = LAYER[this.#deps.engine];
    if (own === Math.max(LAYER.gramjs, LAYER.mtcute)) rules.maxLayer = own - 1;
    else rules.minLayer = own + 1;
  }

  /** Cut, and cut again each time it is back. */
  flap(): void {
    this.#flapsLeft = FLAPS;
    const again = (): void => {
      if (this.#flapsLeft <= 0) return;
      this.#flapsLeft -= 1;
      this.door.cut();
      systemClock.after(FLAP_MS, again);
    };
    again();
  }
}
