import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Chat,
  Connected,
  Connector,
  ConnectorEvent,
  ConnectorEventType,
  ConnectorSession,
  InboundMessage,
  LoginStep,
  OutboundContent,
  OutboundMessage,
  Receipt,
  SendResult,
  SessionContext,
} from '../../src/connector-api/index.ts';
import { sleep, systemClock, withDeadline } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { SessionHandle, SessionListener } from '../../src/engine/ports/connector-host.ts';
import { InlineHost } from '../../src/host/index.ts';
import { FileMediaStore } from '../../src/store/media/index.ts';
import { openVault } from '../../src/store/vault/index.ts';
import type { RecordedLine } from '../support/fake-connector-host.ts';
import { RecordingLogger } from '../support/fake-connector-host.ts';
import type { AccountSide, ConnectorHarness, GuestSide, NetworkSide } from './connector-contract-harness.ts';

/** Long enough for a loaded machine; only something that never comes takes so long. */
const PATIENCE_MS = 10_000;
const POLL_MS = 4;
/** Vaults and media of the kit are sealed with this. */
const MASTER_KEY_BYTES = 32;

/** Keeps what it is told, each message once, as the daemon does; a check may hold it up or make it refuse. */
export class KitDaemon implements SessionListener {
  readonly events: ConnectorEvent[] = [];
  readonly #messages = new Map<string, InboundMessage>();
  store: (event: ConnectorEvent) => Promise<void> | void = () => undefined;

  async onEvent(event: ConnectorEvent): Promise<void> {
    await this.store(event);
    this.events.push(event);
    if (event.type !== 'message') return;
    const key = `${event.message.chat.addresses[0]} ${event.message.networkId}`;
    if (!this.#messages.has(key)) this.#messages.set(key, event.message);
  }

  onLost(): void {
    // A crash is what the check itself did.
  }

  /** Stored messages in the order of their first coming. */
  get messages(): readonly InboundMessage[] {
    return [...this.#messages.values()];
  }

  /** Bodies of the texts that guests said. */
  get texts(): readonly string[] {
    return this.messages.flatMap(({ direction, content }) =>
      direction === 'inbound' && content.type === 'text' ? [content.body] : [],
    );
  }

  get receipts(): readonly Receipt[] {
    return this.ofType('receipt').map(({ receipt }) => receipt);
  }

  ofType<K extends ConnectorEventType>(type: K): readonly Extract<ConnectorEvent, { type: K }>[] {
    return this.events.filter((event): event is Extract<ConnectorEvent, { type: K }> => event.type === type);
  }
}

/** One check's daemon, host, vault and media folder, with a session of the connector under test. */
export class Stage {
  readonly harness: ConnectorHarness;
  readonly side: NetworkSide;
  readonly account: AccountSide;
  readonly daemon = new KitDaemon();
  readonly media: FileMediaStore;
  readonly logged: RecordedLine[] = [];
  /** All that the connector emitted, as the very objects, and what became of it. */
  readonly emitted: ConnectorEvent[] = [];
  readonly patienceMs: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bellhop-kit-'));
  readonly #host: InlineHost;
  #context: SessionContext<unknown> | undefined;
  #raw: ConnectorSession | undefined;
  #handle: SessionHandle | undefined;

  constructor(deps: { harness: ConnectorHarness; side: NetworkSide; account: AccountSide }) {
    this.harness = deps.harness;
    this.side = deps.side;
    this.account = deps.account;
    this.patienceMs = deps.harness.patienceMs ?? PATIENCE_MS;
    this.media = new FileMediaStore({ dir: join(this.#folder, 'media') });
    const masterKey = new Uint8Array(MASTER_KEY_BYTES).fill(7);
    const dir = join(this.#folder, 'sessions');
    const connector = this.#observed(deps.harness.connector);
    const log = new RecordingLogger(this.logged);
    this.#host = new InlineHost({
      parts: {
        loadConnector: async () => connector,
        openVault: (sessionId) => openVault({ dir, sessionId, masterKey, clock: systemClock }),
        media: this.media,
        clock: systemClock,
        random: systemRandom,
        log,
      },
      clock: systemClock,
      log,
    });
  }

  /** The open session. */
  get session(): SessionHandle {
    if (this.#handle === undefined) throw new Error('no session is open');
    return this.#handle;
  }

  /** The connector's own object behind the handle, for what the host would paper over. */
  get raw(): ConnectorSession {
    if (this.#raw === undefined) throw new Error('no session is open');
    return this.#raw;
  }

  get vault(): SessionContext<unknown>['vault'] {
    if (this.#context === undefined) throw new Error('no session is open');
    return this.#context.vault;
  }

  async open(): Promise<SessionHandle> {
    const { manifest } = this.harness.connector;
    const config = manifest.configSchema.parse(this.side.config);
    const spec = { sessionId: 'front-desk', channel: manifest.channel, config };
    this.#handle = await this.#host.open(spec, this.daemon);
    return this.#handle;
  }

  /** Goes through a login until it is complete. */
  async link(method = this.harness.connector.manifest.linkMethods[0]): Promise<LoginStep> {
    await this.session.call('beginLogin', this.account.flow(method));
    for (;;) {
      const step = await this.inTime('a step of the login', this.session.call('nextLoginStep', undefined));
      if (step.type === 'complete') return step;
      const typed = await this.account.satisfy(step);
      if (typed !== undefined) await this.session.call('answerLogin', typed);
    }
  }

  connect(): Promise<Connected> {
    return this.inTime('the connection', this.session.call('connect', undefined));
  }

  /** Opens, links and connects a session, and makes a guest. */
  async online(): Promise<GuestSide> {
    await this.open();
    await this.link();
    await this.connect();
    return this.side.createGuest(this.account);
  }

  /** Another stage on the same network, for another account. The caller ends it. */
  beside(account: AccountSide): Stage {
    return new Stage({ harness: this.harness, side: this.side, account });
  }

  /** What kill -9 does to the process of the session, with the disk as it was. */
  crash(): void {
    this.#host.crash();
  }

  /** Opens the session again, on the vault that was left, and connects. */
  async comeBack(): Promise<void> {
    await this.open();
    await this.connect();
  }

  message(chat: Chat, content: OutboundContent, more: Partial<OutboundMessage> = {}): OutboundMessage {
    const networkId = this.harness.connector.manifest.createMessageId(systemRandom);
    return { networkId, chat, content, attempt: 1, ...more };
  }

  send(chat: Chat, content: OutboundContent, more: Partial<OutboundMessage> = {}): Promise<SendResult> {
    return this.inTime('the answer to a send', this.session.call('send', this.message(chat, content, more)));
  }

  /** Waits until `pick` finds something; fails with `what` when it never comes. */
  async until<T>(what: string, pick: () => T | undefined | false): Promise<T> {
    const end = systemClock.monotonic() + this.patienceMs;
    for (;;) {
      const found = pick();
      if (found !== undefined && found !== false) return found;
      if (systemClock.monotonic() > end) throw new Error(`never came: ${what}`);
      await sleep(systemClock, POLL_MS);
    }
  }

  inTime<T>(what: string, work: Promise<T>, limitMs = this.patienceMs): Promise<T> {
    return withDeadline(systemClock, Math.min(limitMs, this.patienceMs), work, () => new Error(`never came: ${what}`));
  }

  /** The message with this network id, once it is stored. */
  stored(networkId: string): Promise<InboundMessage> {
    const pick = (): InboundMessage | undefined =>
      this.daemon.messages.find((message) => message.networkId === networkId);
    return this.until('a message of a guest', pick);
  }

  event<K extends ConnectorEventType>(
    type: K,
    matches: (event: Extract<ConnectorEvent, { type: K }>) => boolean = () => true,
  ): Promise<Extract<ConnectorEvent, { type: K }>> {
    return this.until(`an event of type ${type}`, () => this.daemon.ofType(type).find(matches));
  }

  async end(): Promise<void> {
    this.daemon.store = () => undefined;
    await this.#host.stop(this.patienceMs);
    await this.side.reset?.();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #observed(connector: Connector<unknown>): Connector<unknown> {
    return {
      ...connector,
      createSession: (context) => {
        const emit = (event: ConnectorEvent): Promise<void> => {
          this.emitted.push(event);
          return context.emit(event);
        };
        this.#context = context;
        this.#raw = connector.createSession({ ...context, emit });
        return this.#raw;
      },
    };
  }
}

/** The thread with one guest, as a caller of the API would name it. */
export function chatWith(guest: GuestSide): Chat {
  return { kind: 'direct', addresses: guest.addresses };
}

/** What the work rejected with; resolving is a failure. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    () => ({ ok: true as const }),
    (error: unknown) => ({ ok: false as const, error }),
  );
  if (outcome.ok) throw new Error('expected a failure, and it succeeded');
  return outcome.error;
}

/** One thing that every connector does. Throws when it does not. */
export interface Check {
  readonly name: string;
  /** Whether the connector claims what the check is about; absent = every connector. */
  readonly applies?: (harness: ConnectorHarness) => boolean;
  run(stage: Stage): Promise<void>;
}

export interface CheckGroup {
  readonly name: string;
  readonly checks: readonly Check[];
}
