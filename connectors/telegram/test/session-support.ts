import type { ConnectorEvent, LoginStep, OutboundContent, SendResult } from '../../../src/connector-api/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import type { TelegramConfig } from '../config.ts';
import { configSchema } from '../config.ts';
import { createMessageId } from '../ids.ts';
import type { EngineName } from '../mtproto/client.ts';
import { TelegramSession } from '../session.ts';
import type { TelegramNetwork } from '../simulator/network.ts';
import type { AccountRecord } from '../simulator/world/state.ts';
import { memoryMedia } from './send-support.ts';

/** A session on the network in a box, and the daemon's side of it. */
export class Bench {
  readonly network: TelegramNetwork;
  readonly account: AccountRecord;
  readonly config: TelegramConfig;
  readonly vault = new MemoryVault({ clock: systemClock });
  readonly files = new Map<string, Uint8Array>();
  readonly events: ConnectorEvent[] = [];
  /** What the daemon answers to an event; a rejection is "not stored". */
  onEmit: (event: ConnectorEvent) => Promise<void> | void = () => undefined;
  session: TelegramSession;
  readonly #clock: Clock;
  #life = new AbortController();
  #waiting: (() => void)[] = [];

  constructor(
    network: TelegramNetwork,
    account: AccountRecord,
    engines: [EngineName, ...EngineName[]],
    clock: Clock = systemClock,
  ) {
    this.#clock = clock;
    this.network = network;
    this.account = account;
    this.config = configSchema.parse({ ...network.config, engines });
    this.session = this.#newSession();
  }

  /** Another process with the same vault. The one before is gone without a word. */
  restart(clientVersion?: string): TelegramSession {
    this.#life.abort();
    this.#life = new AbortController();
    this.session = this.#newSession(clientVersion);
    return this.session;
  }

  async link(method = 'code'): Promise<void> {
    const login = this.session.beginLogin(method === 'code' ? { method, phone: `+${this.account.phone}` } : { method });
    for (;;) {
      const step = await login.next();
      if (step.type === 'complete') return;
      await this.#satisfy(step, (input) => login.answer(input));
    }
  }

  async send(content: OutboundContent, to: string, networkId = createMessageId(systemRandom)): Promise<SendResult> {
    const chat = { kind: to.startsWith('group:') ? 'group' : 'direct', addresses: [to] } as const;
    const signal = new AbortController().signal;
    return this.session.send({ networkId, chat, content, attempt: 1 }, { signal });
  }

  /** Resolves with the first event that matches, past ones too. */
  async event<T extends ConnectorEvent>(matches: (event: ConnectorEvent) => event is T): Promise<T> {
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stop(): Promise<void> {
    await this.session.disconnect();
    this.#life.abort();
  }

  async #satisfy(step: LoginStep, answer: (input: Record<string, string>) => Promise<void>): Promise<void> {
    if (step.type === 'display') this.network.scan(this.account, step.data);
    if (step.type !== 'input') return;
    const code = this.network.codeOf(this.account) ?? '';
    await answer(step.fields[0].id === 'code' ? { code } : { password: 'kit secret' });
  }

  #newSession(clientVersion?: string): TelegramSession {
    return new TelegramSession({
      sessionId: 'desk',
      config: this.config,
      ...(clientVersion === undefined ? {} : { clientVersion }),
      vault: this.vault,
      media: memoryMedia(this.files),
      clock: this.#clock,
      random: systemRandom,
      log: silentLogger,
      signal: this.#life.signal,
      emit: async (event) => {
        await this.onEmit(event);
        this.events.push(event);
        for (const wake of this.#waiting.splice(0)) wake();
      },
    });
  }
}

/** A clock whose timers are ten times as fast: what waits for seconds is over while a test looks on. */
export const hastyClock: Clock = { ...systemClock, after: (delayMs, work) => systemClock.after(delayMs / 10, work) };

export const isMessage = (event: ConnectorEvent): event is Extract<ConnectorEvent, { type: 'message' }> =>
  event.type === 'message';
export const isEnd = (event: ConnectorEvent): event is Extract<ConnectorEvent, { type: 'disconnected' }> =>
  event.type === 'disconnected';
export const isReceipt = (event: ConnectorEvent): event is Extract<ConnectorEvent, { type: 'receipt' }> =>
  event.type === 'receipt';
