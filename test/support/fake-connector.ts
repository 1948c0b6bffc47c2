import type {
  Account,
  CanarySession,
  Chat,
  Connected,
  Connector,
  ConnectorEvent,
  ConnectorManifest,
  ConnectorSession,
  DeletingSession,
  EditingSession,
  LoginFlow,
  LoginProcess,
  LoginStep,
  MessageReference,
  OutboundMessage,
  PresenceSession,
  ProbingSession,
  ReactingSession,
  ReadMarkingSession,
  SendResult,
  SessionContext,
  SessionVitals,
  TypingSession,
  VitalSession,
} from '../../src/connector-api/index.ts';
import { DisconnectError, LoginError, SendError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { isRecord } from '../../src/core/json.ts';
import type { LoadableConnector } from '../../src/host/index.ts';

/**
 * A network that exists nowhere: a connector with every optional interface, scripted from the test by its configuration
 * and by the texts it is told to send. So it can be driven through a host, in whatever process it runs.
 */
export interface FakeConfig {
  /** Leaves the optional interfaces out. */
  readonly bare?: boolean;
  /** Can do other things once it is linked, and again other things once it is connected. */
  readonly late?: boolean;
  /** Tells how its line is and sends canaries, until it is told to `go-deaf`. */
  readonly lively?: boolean;
  readonly connect?: 'banned' | 'hang';
  /** Creating the session fails. */
  readonly broken?: boolean;
}

export const fakeChat: Chat = { kind: 'direct', addresses: ['+15551230001'] };
export const fakeAccount: Account = { address: '+15551239999', displayName: 'Front desk' };
/** Printed and logged by the fake on demand; must never be seen in the daemon's log. */
export const fakeSecret = 'c2VjcmV0LXJhdGNoZXQta2V5LW9mLWEtZ3Vlc3Q= +4915112345678';

export const fakeManifest: ConnectorManifest = {
  channel: 'fake',
  displayName: 'Fake',
  library: 'fake-library',
  configSchema: undefined as never, // never read: hosts get validated configuration
  linkMethods: ['qr', 'code'],
  capabilitiesFor: () => ({
    maxTextLength: 1_000,
    attachments: {},
    maxAttachments: 0,
    maxCaptionLength: 0,
    entities: false,
    maxButtons: 0,
    reply: false,
    location: false,
    contacts: false,
    poll: false,
    react: true,
    typing: true,
    readMarks: true,
  }),
  parseAddress: (text) => ({ ok: true, kind: 'direct', address: text }),
  createMessageId: (random) => Buffer.from(random.bytes(8)).toString('hex'),
  isPrivateEndpoint: () => true,
};

export const fakeConnector: Connector<unknown> = {
  manifest: fakeManifest,
  createSession: (context) => {
    const config: FakeConfig = isRecord(context.config) ? context.config : {};
    if (config.broken === true) throw new RangeError('cannot be made');
    if (config.late === true) return new LateSession(context, config);
    if (config.lively === true) return new LivelySession(context, config);
    return config.bare === true ? new BareSession(context, config) : new FakeSession(context, config);
  },
};

/** What a registry would say: the fake channel, and one whose library is not installed. */
export function findFakeConnector(channel: string): LoadableConnector | undefined {
  if (channel === 'fake') return { manifest: fakeManifest, load: async () => ({ connector: fakeConnector }) };
  if (channel !== 'absent') return undefined;
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  return { manifest: { library: 'absent-library' }, load: () => Promise.reject(missing) };
}

class BareSession implements ConnectorSession {
  protected readonly context: SessionContext<unknown>;
  protected readonly calls: string[] = [];
  /** What the network sends does not arrive any more; what is sent to it does. */
  protected isDeaf = false;
  readonly #config: FakeConfig;
  readonly #outcomes: string[] = [];

  constructor(context: SessionContext<unknown>, config: FakeConfig) {
    this.context = context;
    this.#config = config;
  }

  isLinked(): boolean {
    return this.context.vault.secrets.get('fake', 'creds') !== undefined;
  }

  async connect(): Promise<Connected> {
    this.calls.push('connect');
    if (this.#config.connect === 'banned') {
      throw new DisconnectError({
        kind: 'banned',
        code: 'fake_403_banned',
        nativeCode: '403',
        native: { why: ['spam'] },
      });
    }
    if (this.#config.connect === 'hang') await aborted(this.context.signal);
    this.isDeaf = false;
    for (const entry of this.context.vault.spool.pending(1_000)) this.#emitSpooled(entry.key);
    return { account: fakeAccount, version: this.context.clientVersion ?? '1.0' };
  }

  async disconnect(): Promise<void> {
    this.calls.push('disconnect');
  }

  async logout(): Promise<void> {
    this.context.vault.secrets.clear();
  }

  beginLogin(flow: LoginFlow): LoginProcess {
    if (!fakeManifest.linkMethods.includes(flow.method) && flow.method !== 'endless')
      throw new LoginError('unsupported');
    return new FakeLogin(this.context, flow.method);
  }

  async send(message: OutboundMessage, options: { signal: AbortSignal }): Promise<SendResult> {
    this.calls.push('send');
    const [command = '', argument = ''] = message.content.type === 'text' ? message.content.body.split(' ') : [];
    switch (command) {
      case 'emit':
        this.#emit(Number(argument));
        await this.#settled(Number(argument));
        return told(this.#outcomes.splice(0).join(' '));
      case 'go-deaf':
        this.isDeaf = true;
        return told('deaf');
      case 'emit-and-go':
        this.#emit(Number(argument));
        return told('going');
      case 'emit-uncloneable':
        return told(await outcomeOf(this.context.emit(Object.assign(inbound('x'), { trick: () => 1 }))));
      case 'emit-nonsense':
        return told(await outcomeOf(this.context.emit({ type: 'gossip' } as unknown as ConnectorEvent)));
      case 'calls':
        return told(this.calls.join(' '));
      case 'fail':
        throw new SendError('send_rejected', {
          certainty: 'not_sent',
          retryable: true,
          retryAfterMs: 1_234,
          nativeCode: '463',
          detail: 'refused',
        });
      case 'throw':
        throw new TypeError('unforeseen');
      case 'hang':
        await aborted(options.signal);
        throw new SendError('session_down', { certainty: 'not_sent', retryable: true, detail: 'stopped in time' });
      case 'deaf':
        return new Promise<never>(() => undefined);
      case 'nonsense':
        return { network: 1 } as unknown as SendResult;
      case 'log':
        this.context.log.info('the fake speaks', { n: 1, error: new RangeError('too far') });
        return told('logged');
      case 'print':
        process.stdout.write(`${fakeSecret}\n`);
        process.stderr.write(`${fakeSecret}\n`);
        return told('printed');
      case 'environment':
        return told(JSON.stringify({ env: process.env, argv: [...process.execArgv, ...process.argv] }));
      case 'crash':
        process.kill(process.pid, 'SIGKILL');
        return new Promise<never>(() => undefined);
      case 'explode':
        setImmediate(() => {
          throw new Error(`exploded ${fakeSecret}`);
        });
        return new Promise<never>(() => undefined);
      case 'reject-unseen':
        void Promise.reject(new Error('nobody looks'));
        return told('rejected');
      default:
        return { networkId: message.networkId, acceptedAt: 7 };
    }
  }

  #emit(count: number): void {
    for (let index = 1; index <= count; index += 1) {
      const key = `m${index}`;
      this.context.vault.spool.put(key, Buffer.from(key));
      this.#emitSpooled(key);
    }
  }

  #emitSpooled(key: string): void {
    this.context.emit(inbound(key)).then(
      () => {
        this.context.vault.spool.settle(key);
        this.#outcomes.push(key);
      },
      (error: unknown) => this.#outcomes.push(`${key}:${error instanceof BellhopError ? error.code : 'unknown'}`),
    );
  }

  async #settled(count: number): Promise<void> {
    while (this.#outcomes.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

class LateSession extends BareSession {
  #isConnected = false;

  override async connect(): Promise<Connected> {
    this.#isConnected = true;
    return { ...(await super.connect()), account: { ...fakeAccount, kind: 'bot' } };
  }

  get probe(): ProbingSession['probe'] | undefined {
    return this.isLinked() ? async () => 12 : undefined;
  }

  get setPresence(): PresenceSession['setPresence'] | undefined {
    return this.#isConnected ? async () => undefined : undefined;
  }
}

class FakeSession
  extends BareSession
  implements
    TypingSession,
    ReadMarkingSession,
    ReactingSession,
    EditingSession,
    DeletingSession,
    PresenceSession,
    ProbingSession
{
  async setTyping(chat: Chat, on: boolean): Promise<void> {
    this.calls.push(`typing:${chat.addresses[0]}:${on}`);
  }

  async markRead(_chat: Chat, messages: readonly MessageReference[]): Promise<void> {
    this.calls.push(`read:${messages.map((message) => message.networkId).join(',')}`);
  }

  async react(_chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    this.calls.push(`react:${target.networkId}:${emoji}`);
  }

  async edit(_chat: Chat, networkId: string, body: string): Promise<void> {
    this.calls.push(`edit:${networkId}:${body}`);
  }

  async deleteForEveryone(_chat: Chat, networkId: string): Promise<void> {
    this.calls.push(`delete:${networkId}`);
  }

  async setPresence(online: boolean): Promise<void> {
    this.calls.push(`presence:${online}`);
  }

  async probe(): Promise<number> {
    return 12;
  }
}

class LivelySession extends FakeSession implements VitalSession, CanarySession {
  vitals(): SessionVitals {
    return { silentForMs: 0, oldestPendingMs: 0, pushes: 0 };
  }

  async sendCanary(token: string): Promise<void> {
    this.calls.push('canary');
    if (!this.isDeaf) void this.context.emit({ type: 'canary', token, at: this.context.clock.now() });
  }
}

/** `qr`: two codes, then done. `code`: asks for 123456. `endless`: one code that nobody scans. */
class FakeLogin implements LoginProcess {
  readonly #context: SessionContext<unknown>;
  readonly #method: string;
  readonly #cancelled = new AbortController();
  #steps = 0;

  constructor(context: SessionContext<unknown>, method: string) {
    this.#context = context;
    this.#method = method;
  }

  async next(): Promise<LoginStep> {
    this.#steps += 1;
    if (this.#method === 'code' && this.#steps === 1) return { type: 'input', fields: [{ id: 'code', label: 'Code' }] };
    const codes = this.#method === 'qr' ? 2 : this.#method === 'endless' ? 1 : 0;
    if (this.#steps <= codes) return { type: 'display', display: 'qr', data: `qr-${this.#steps}`, expiresAt: 60_000 };
    if (this.#method === 'endless') {
      await aborted(this.#cancelled.signal);
      throw new LoginError('cancelled');
    }
    this.#context.vault.secrets.set('fake', 'creds', Buffer.from('linked'));
    return { type: 'complete', account: fakeAccount };
  }

  async answer(input: Readonly<Record<string, string>>): Promise<void> {
    if (input['code'] !== '123456') throw new LoginError('rejected', 'wrong code');
  }

  async cancel(): Promise<void> {
    this.#cancelled.abort();
  }
}

function inbound(networkId: string): ConnectorEvent {
  const sender = { addresses: fakeChat.addresses };
  const content = { type: 'text', body: networkId } as const;
  return { type: 'message', message: { networkId, chat: fakeChat, sender, direction: 'inbound', content, sentAt: 5 } };
}

function told(text: string): SendResult {
  return { networkId: text, acceptedAt: 0 };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function outcomeOf(work: Promise<void>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return error instanceof BellhopError ? error.code : 'unknown';
  }
}
