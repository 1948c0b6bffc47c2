import type { SessionContext } from '../../src/connector-api/index.ts';
import { DisconnectError, SendError } from '../../src/connector-api/index.ts';
import type { Timer } from '../../src/core/clock.ts';
import { withDeadline } from '../../src/core/clock.ts';
import type { AccountParts } from './account-parts.ts';
import { CanaryDesk } from './canary.ts';
import type { LineEnd } from './disconnect.ts';
import { toDisconnectCause } from './disconnect.ts';
import { FreezeWatch } from './freeze-watch.ts';
import { toSendError } from './limits.ts';
import { Line } from './line.ts';
import { MediaUpload } from './media-upload.ts';
import type { MtprotoClient } from './mtproto/client.ts';
import { OpenFailure } from './mtproto/client.ts';
import { Sender } from './outbound.ts';
import { ChangeDesk } from './outbound-changes.ts';
import { Wording } from './outbound-wording.ts';
import { PresenceDesk } from './presence.ts';
import { Receiver } from './receiver.ts';
import { Recipients } from './recipients.ts';
import { SentSearch } from './sent-search.ts';
import type { TlObject, TlValue } from './tl.ts';
import { isObject } from './tl-fields.ts';
import { UpdateSync } from './updates/update-sync.ts';

/** Socket, key and first answer. A server that accepts and says nothing is found out by it. */
const OPEN_TIMEOUT_MS = 30_000;
const CALL_TIMEOUT_MS = 20_000;
/** Telegram does not tell a client that its link was ended: only the next call is refused. So one is made, and it costs little. */
const REVOCATION_CHECK_MS = 3 * 60_000;
const PING_TIMEOUT_MS = 10_000;

/** What an open connection of a person's account can do, and what runs while it is open. */
export class OpenConnection {
  readonly #client: MtprotoClient;
  readonly #context: SessionContext<unknown>;
  readonly #sync: UpdateSync;
  readonly #freeze: FreezeWatch;
  #timer: Timer | undefined;
  #isOpen = false;
  #pushes = 0;
  readonly line: Line;
  readonly sender: Sender;
  readonly changes: ChangeDesk;
  readonly presence: PresenceDesk;
  readonly canaries: CanaryDesk;

  constructor(deps: { client: MtprotoClient; parts: AccountParts; selfId: bigint; context: SessionContext<unknown> }) {
    const { client, parts, selfId, context } = deps;
    const { clock, random, vault, media, log, signal } = context;
    const { peers, store, inbox } = parts;
    this.#client = client;
    this.#context = context;
    const line = new Line({ client, gate: parts.gate });
    this.#freeze = new FreezeWatch({ line, log });
    const receiver = new Receiver({ context, inbox, peers, messages: parts.messages, ownSends: parts, selfId });
    const sync = new UpdateSync({
      client,
      vault,
      peers,
      clock,
      random,
      log,
      signal,
      selfId,
      take: (batch) => receiver.take(batch),
      onRefused: (failure) => line.end({ type: 'refused', failure }),
    });
    client.onUpdates((updates) => {
      this.#pushes += 1;
      sync.feed(updates);
      this.#freeze.hear(updates);
    });
    const recipients = new Recipients({
      line,
      peers,
      keep: (entry, learn) => {
        vault.transaction(() => {
          learn();
          inbox.put(entry);
        });
        inbox.work();
      },
    });
    const feedAnswer = (answer: TlObject, options: { readonly channelId?: bigint } = {}): void =>
      sync.feedAnswer(answer, options);
    const upload = new MediaUpload({ line, media, random });
    this.sender = new Sender({
      line,
      store,
      recipients,
      search: new SentSearch({ line }),
      wording: new Wording({ line, upload, peers }),
      clock,
      log,
      settle: (to, sent) => parts.settle(to.address, sent),
      feedAnswer,
    });
    this.changes = new ChangeDesk({ line, store, peers, recipients, feedAnswer });
    this.presence = new PresenceDesk({ line, clock, recipients });
    this.canaries = new CanaryDesk({ line, sync, clock, pushes: () => this.#pushes });
    this.line = line;
    this.#sync = sync;
  }

  /** Resolves with the account's own `user` once nothing is missing any more. Rejects with a DisconnectError. */
  async start(): Promise<TlObject> {
    try {
      const stalled = (): Error => new OpenFailure({ type: 'silent' });
      await withDeadline(this.#context.clock, OPEN_TIMEOUT_MS, this.#client.open(), stalled);
      this.#isOpen = true;
      const self = await this.#askSelf();
      await Promise.all([this.#sync.start(), this.#freeze.look()]);
      if (this.line.isOver) throw new OpenFailure({ type: 'lost' });
      this.#watch();
      return self;
    } catch (error) {
      throw new DisconnectError(toDisconnectCause(this.line.endBy(error), this.#client));
    }
  }

  /** For calls that are not the account's own words: files of guests. Undefined until the connection is open. */
  get client(): MtprotoClient | undefined {
    return this.#isOpen && !this.line.isOver ? this.#client : undefined;
  }

  /** When the last byte came; monotonic. */
  get heardAt(): number | undefined {
    return this.#client.heardAt;
  }

  /** Containers of updates that the network pushed. */
  get pushes(): number {
    return this.#pushes;
  }

  /** Since when an update waits that was heard and not taken; monotonic. */
  get waitingSince(): number | undefined {
    return this.#sync.waitingSince;
  }

  get ended(): Promise<LineEnd> {
    return this.line.ended;
  }

  async probe(): Promise<number> {
    try {
      return await this.line.ping(PING_TIMEOUT_MS);
    } catch (error) {
      throw toSendError(error, 'ping');
    }
  }

  /** Ends the link at Telegram. */
  async unlink(): Promise<void> {
    await this.line.invoke({ _: 'auth.logOut' }, { timeoutMs: CALL_TIMEOUT_MS });
  }

  /** Resolves when the socket is gone, within 5 s. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.presence.stop();
    this.canaries.stop();
    const stopped = this.#sync.stop();
    await this.line.close();
    await stopped;
  }

  async #askSelf(): Promise<TlObject> {
    const call = { _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] };
    const [self] = listOf(await this.line.invoke(call, { timeoutMs: CALL_TIMEOUT_MS }));
    if (self === undefined) throw new OpenFailure({ type: 'protocol', detail: 'no account in the answer' });
    return self;
  }

  #watch(): void {
    const { clock, log } = this.#context;
    this.#timer = clock.after(REVOCATION_CHECK_MS, () => {
      // A refusal that ends the session ends the line; anything else is the next check's.
      const asked = this.line.invoke({ _: 'updates.getState' }, { timeoutMs: CALL_TIMEOUT_MS });
      void asked
        .catch((error: unknown) => log.debug('state not told', { error: error instanceof Error ? error.name : null }))
        .then(() => {
          if (!this.line.isOver) this.#watch();
        });
    });
  }
}

const listOf = (value: TlValue): readonly TlObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What callers are told while there is no connection. */
export const sessionDown = (): SendError => new SendError('session_down', { certainty: 'not_sent', retryable: true });
