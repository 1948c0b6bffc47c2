import { configSchema } from '../../connectors/telegram/config.ts';
import { writeAccount } from '../../connectors/telegram/stored-account.ts';
import type { BotAnswer } from '../../connectors/telegram/test/bot-server.ts';
import { refused } from '../../connectors/telegram/test/bot-server.ts';
import { ScriptedBotApi, TOKEN } from '../../connectors/telegram/test/bot-support.ts';
import { systemClock } from '../../src/core/clock.ts';
import { MemoryVault } from '../support/memory-vault.ts';
import { Door } from './door.ts';
import { CorpusHouse, inlineHost } from './house.ts';
import { SkipClock } from './skip-clock.ts';
import type { Stage, Theatre } from './stage.ts';

/** Everything that a session asks for by itself. */
const METHODS = ['getMe', 'getUpdates', 'deleteWebhook', 'getWebhookInfo', 'setMyCommands', 'close', 'logOut'] as const;

/** A Bot API server that says what it is told to. */
export class BotTheatre implements Theatre<BotStage> {
  #api: ScriptedBotApi | undefined;
  #door: Door | undefined;

  async start(): Promise<void> {
    const api = new ScriptedBotApi();
    await api.server.start();
    this.#api = api;
    this.#door = new Door({ target: Number(new URL(api.server.root).port) });
    await this.#door.start();
  }

  async stage(): Promise<BotStage> {
    if (this.#api === undefined || this.#door === undefined) throw new Error('not started');
    return new BotStage(this.#api, this.#door);
  }

  spoil(): void {
    // each stage has a vault of its own
  }

  async stop(): Promise<void> {
    await this.#door?.stop();
    await this.#api?.server.stop();
  }
}

export class BotStage implements Stage {
  readonly clock = new SkipClock();
  readonly door: Door;
  readonly vault = new MemoryVault({ clock: systemClock });
  readonly #api: ScriptedBotApi;

  constructor(api: ScriptedBotApi, door: Door) {
    this.#api = api;
    this.door = door;
    writeAccount(this.vault, { kind: 'bot', id: TOKEN.slice(0, TOKEN.indexOf(':')), token: TOKEN });
  }

  open(): Promise<CorpusHouse> {
    return CorpusHouse.open({
      channel: 'telegram',
      config: configSchema.parse({ botApi: `http://127.0.0.1:${String(this.door.port)}` }),
      account: { address: '@HotelBot', kind: 'bot' },
      clock: this.clock,
      host: inlineHost({ vault: this.vault, clock: this.clock.withRealDates }),
    });
  }

  /** Questions, which mostly share a connection. */
  knocks(): number {
    return this.door.knocks + this.#api.requests.length;
  }

  async mend(): Promise<void> {
    this.#api.answers.clear();
    this.#api.server.mode = 'open';
    await this.door.become({ do: 'open' });
  }

  refuseAll(code: number, description: string, parameters?: Readonly<Record<string, unknown>>): void {
    this.#answer(METHODS, refused(code, description, parameters));
  }

  /** Told to a bot that waits for updates, and each time it asks again. */
  refuseUpdates(code: number, description: string, parameters?: Readonly<Record<string, unknown>>): void {
    this.#api.tell();
    this.#answer(['getUpdates'], refused(code, description, parameters));
  }

  answerAll(status: number, text: string): void {
    this.#answer(METHODS, { bytes: Buffer.from(text), status });
  }

  fallSilent(): void {
    this.#api.server.mode = 'stalled';
  }

  #answer(methods: readonly string[], answer: BotAnswer): void {
    for (const method of methods) this.#api.answers.set(method, answer);
  }
}
