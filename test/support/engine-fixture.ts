import { z } from 'zod';
import type {
  Capabilities,
  ConnectorManifest,
  DisconnectCause,
  InboundMessage,
} from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { MessageRequest } from '../../src/engine/engine-api.ts';
import type { Principal } from '../../src/engine/model/access.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session, SessionState } from '../../src/engine/model/session.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import type { RemoteMedia, Store, Telemetry } from '../../src/engine/ports/index.ts';
import type { FakeLine } from './fake-host.ts';
import { FakeHost } from './fake-host.ts';
import { noPacing } from './no-pacing.ts';
import { openTestStore } from './open-test-store.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const GUEST = '+15551230001';
export const BASIS = { reservation: 'R-100', consent: 'booking form' };
export const admin: Principal = { keyId: 'key_admin', name: 'admin', scopes: new Set(['admin']), property: null };
export const networkCause: DisconnectCause = { kind: 'network', code: 'fake_lost' };

export const testCapabilities: Capabilities = {
  maxTextLength: 1_000,
  maxAttachments: 1,
  maxCaptionLength: 100,
  entities: false,
  maxButtons: 0,
  attachments: { image: { maxBytes: 1_000 }, voice: { maxBytes: 1_000 }, audio: { maxBytes: 1_000 } },
  reply: true,
  location: true,
  contacts: false,
  poll: false,
  react: true,
  editWindowMs: 900_000,
  deleteWindowMs: 3_600_000,
  typing: true,
  readMarks: true,
};

export function testManifest(channel = 'fake', overrides: Partial<Capabilities> = {}): ConnectorManifest {
  return {
    channel,
    displayName: channel,
    library: channel,
    configSchema: z.unknown(),
    linkMethods: ['qr', 'code'],
    capabilitiesFor: () => ({ ...testCapabilities, ...overrides }),
    parseAddress: (text) => {
      if (/^\+[1-9]\d{6,14}$/.test(text)) return { ok: true, kind: 'direct', address: text };
      if (/^group:\d+$/.test(text)) return { ok: true, kind: 'group', address: text };
      return { ok: false, expected: 'expected E.164' };
    },
    createMessageId: (random: Random) => Buffer.from(random.bytes(9)).toString('hex'),
    isPrivateEndpoint: () => true,
  };
}

/** Counts what the engine tells the metrics. */
export class CountingTelemetry implements Telemetry {
  readonly counts = new Map<string, number>();
  readonly states = new Map<string, SessionState>();
  readonly provenAt = new Map<string, number | null>();
  sessionState(session: string, _channel: string, state: SessionState): void {
    this.states.set(session, state);
  }
  sessionGone(session: string): void {
    this.states.delete(session);
  }
  disconnected(_session: string, kind: string): void {
    this.#add(`disconnected:${kind}`);
  }
  lineProven(session: string, _channel: string, at: number | null): void {
    this.provenAt.set(session, at);
  }
  lineAsked(_session: string, _channel: string, question: string, outcome: string): void {
    this.#add(`line:${question}:${outcome}`);
  }
  lineDeaf(_session: string, layer: string): void {
    this.#add(`deaf:${layer}`);
  }
  versionTried(channel: string, outcome: string): void {
    this.#add(`versionTried:${channel}:${outcome}`);
  }
  versionDegraded(channel: string, isDegraded: boolean): void {
    this.counts.set(`versionDegraded:${channel}`, isDegraded ? 1 : 0);
  }
  inbound(_session: string, _channel: string, type: string, outcome: string): void {
    this.#add(`inbound:${type}:${outcome}`);
  }
  outbound(_session: string, _channel: string, outcome: string): void {
    this.#add(`outbound:${outcome}`);
  }
  limited(_session: string, scope: string, nativeClass: string): void {
    this.#add(`limited:${scope}:${nativeClass}`);
  }
  receipt(_session: string, status: string): void {
    this.#add(`receipt:${status}`);
  }
  alertTold(way: string, outcome: string): void {
    this.#add(`alertTold:${way}:${outcome}`);
  }
  delivery(): void {}
  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }
  #add(name: string): void {
    this.counts.set(name, this.count(name) + 1);
  }
}

export interface FixtureOptions {
  /** Absent: everything goes out at once. */
  readonly pacing?: Rules;
  readonly remoteMedia?: RemoteMedia;
  readonly seed?: number;
  readonly log?: Logger;
  readonly manifests?: readonly ConnectorManifest[];
  /** Wraps the real store, e.g. to make an operation fail. */
  readonly wrapStore?: (store: Store) => Store;
}

/** The engine on the real store in memory, a scripted host and a clock that stands still. */
export class EngineFixture {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly host: FakeHost;
  readonly telemetry = new CountingTelemetry();
  readonly #options: FixtureOptions;
  #life = { isOver: false };
  #starts = 0;
  engine: Engine;

  private constructor(clock: VirtualClock, store: Store, options: FixtureOptions) {
    this.clock = clock;
    this.store = options.wrapStore?.(store) ?? store;
    this.#options = options;
    this.host = new FakeHost({ now: () => clock.now() });
    this.engine = this.#make();
  }

  static async open(options: FixtureOptions = {}): Promise<EngineFixture> {
    const { store, clock } = await openTestStore();
    return new EngineFixture(clock, store, options);
  }

  /** A daemon that died takes nothing down properly and does nothing more; a new one begins on the same store. */
  async crashAndRestart(): Promise<void> {
    this.#life.isOver = true;
    for (const session of await this.store.allSessions()) this.host.line(session.id).crash();
    this.engine = this.#make();
    await this.engine.start();
  }

  /** A linked session that was connected when the daemon last ran. */
  async addLinked(id = 'front-desk', state: SessionState = 'connecting', channel = 'fake'): Promise<FakeLine> {
    await this.store.createSession({ id, property: 'main', channel, settings: {} });
    const account = { address: '+15550000001' };
    await this.store.recordSessionChange({ sessionId: id, state, reason: null, at: this.clock.now(), account });
    return this.host.line(id);
  }

  /** A linked session, online. */
  async online(id = 'front-desk'): Promise<FakeLine> {
    const line = await this.addLinked(id);
    await this.engine.start();
    await this.untilState('connected', id);
    return line;
  }

  async session(id = 'front-desk'): Promise<Session> {
    const session = await this.store.getSession(id);
    if (session === null) throw new Error('no such session');
    return session;
  }

  async untilState(state: SessionState, id = 'front-desk', limitMs = 60_000): Promise<void> {
    await this.until(async () => (await this.session(id)).state === state, limitMs);
  }

  /** Lets time pass in small steps until the condition holds. */
  async until(condition: () => boolean | Promise<boolean>, limitMs = 60_000, stepMs = 50): Promise<void> {
    for (let passed = 0; passed <= limitMs; passed += stepMs) {
      if (await condition()) return;
      await this.clock.advance(stepMs);
    }
    throw new Error(`nothing happened within ${limitMs} ms of virtual time`);
  }

  async accept(request: Partial<MessageRequest> = {}): Promise<Message> {
    const answer = await this.engine.api.messages.accept(admin, {
      ...(request.conversationId === undefined ? { channel: 'fake', to: GUEST } : {}),
      body: 'Your room is ready.',
      basis: BASIS,
      ...request,
    });
    return JSON.parse(answer.body) as Message;
  }

  async message(id: string): Promise<Message> {
    const message = await this.store.getMessage(id, null);
    if (message === null) throw new Error('no such message');
    return message;
  }

  async untilStatus(id: string, status: Message['status'], limitMs = 60_000): Promise<Message> {
    await this.until(async () => (await this.message(id)).status === status, limitMs);
    return this.message(id);
  }

  async eventTypes(): Promise<string[]> {
    const { data } = await this.store.listEvents({ property: null, limit: 1_000 });
    return data.map((event) => event.type);
  }

  inbound(overrides: Partial<InboundMessage> = {}): InboundMessage {
    return {
      networkId: 'IN-1',
      chat: { kind: 'direct', addresses: [GUEST] },
      sender: { addresses: [GUEST], displayName: 'Ann' },
      direction: 'inbound',
      content: { type: 'text', body: 'Is breakfast included?' },
      sentAt: this.clock.now(),
      ...overrides,
    };
  }

  #make(): Engine {
    const manifests = this.#options.manifests ?? [testManifest()];
    this.#starts += 1;
    const life = { isOver: false };
    this.#life = life;
    const clock: Clock = {
      now: () => this.clock.now(),
      monotonic: () => this.clock.monotonic(),
      after: (delayMs, work) =>
        this.clock.after(delayMs, () => {
          if (!life.isOver) work();
        }),
    };
    return createEngine({
      store: mortal(this.store, life),
      host: mortal(this.host, life),
      pacing:
        this.#options.pacing === undefined
          ? noPacing
          : { rules: this.#options.pacing, isPaced: () => true, tellsDelivery: () => true },
      ...(this.#options.remoteMedia === undefined ? {} : { remoteMedia: this.#options.remoteMedia }),
      manifests: new Map(manifests.map((manifest) => [manifest.channel, manifest])),
      channelConfigs: new Map(),
      clock,
      // Another daemon draws other numbers, or its network ids would be those of the first.
      random: seededRandom((this.#options.seed ?? 7) * 1_000 + this.#starts),
      log: this.#options.log ?? silentLogger,
      telemetry: this.telemetry,
    });
  }
}

/** What a process had: once it is dead, its calls have no effect and never come back. */
function mortal<T extends object>(target: T, life: { readonly isOver: boolean }): T {
  return new Proxy(target, {
    get(inner, name) {
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown =>
        life.isOver ? new Promise(() => undefined) : (Reflect.apply(member, inner, args) as unknown);
    },
  });
}
