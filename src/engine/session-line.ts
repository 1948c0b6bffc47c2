import type { ClientVersion, Connected, ConnectorEvent, DisconnectCause } from '../connector-api/index.ts';
import type { Logger } from '../core/logger.ts';
import { lostChildCause } from './causes.ts';
import type { Inbox } from './inbox.ts';
import type { Renewal } from './liveness/escalation.ts';
import type { LineWatch } from './liveness/watch.ts';
import type { ConnectorHost, SessionHandle } from './ports/index.ts';

/** A network accepts or refuses an account within seconds; a replay of a full spool takes longer; ms. */
const CONNECT_TIMEOUT_MS = 90_000;
/** The connector closes its socket within 5 s; ms. */
const DISCONNECT_TIMEOUT_MS = 7_000;
/** Unlinking asks the network and then erases the vault in any case; ms. */
const LOGOUT_TIMEOUT_MS = 15_000;

export interface LineDeps {
  readonly host: ConnectorHost;
  readonly inbox: Inbox;
  readonly log: Logger;
  /** `channels.<channel>` of the configuration. */
  readonly config: unknown;
  readonly session: { readonly id: string; readonly channel: string; readonly property: string };
  /** Told what comes in, and how the process is. */
  readonly watch: Pick<LineWatch, 'pulse' | 'canary' | 'heard'>;
  /** A connection of this handle ended, or its process died. Called at any time, must return at once. */
  onEnd(handle: SessionHandle | undefined, cause: DisconnectCause): void;
  /** As `onMove` of a SessionListener. */
  onMove(): Promise<void>;
}

/** One session's way to the host: opened when it is needed, closed when it is not. Used by its runner, one call at a time. */
export class SessionLine {
  readonly #deps: LineDeps;
  #handle: SessionHandle | undefined;
  #isLinked = false;
  /** What the open handle announces. */
  #version: ClientVersion | undefined;
  /** The process that ran it last is suspected. */
  #wantsFreshProcess = false;

  constructor(deps: LineDeps) {
    this.#deps = deps;
  }

  /** Whether the vault holds an account, as far as is known; sure after `open`. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  /** False when its process has died. */
  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  /** The wizard put an account into the vault. */
  markLinked(): void {
    this.#isLinked = true;
  }

  /**
   * Announces `version` where it is given; otherwise what is open stays open. The credentials stay as they are. Rejects with the
   * host's errors.
   */
  async open(version?: ClientVersion): Promise<SessionHandle> {
    if (version !== undefined && version !== this.#version) await this.close();
    if (this.#handle !== undefined) return this.#handle;
    const { watch, session } = this.#deps;
    const { id, channel, property } = session;
    const opening: { handle: SessionHandle | undefined; isLost: boolean } = { handle: undefined, isLost: false };
    const source = {
      sessionId: id,
      channel,
      property,
      onDisconnected: (cause: DisconnectCause) => this.#deps.onEnd(opening.handle, cause),
      onCanary: (token: string, missed: number, isStored: boolean) =>
        watch.canary(opening.handle, token, missed, isStored),
      onHeard: (event: ConnectorEvent) => watch.heard(opening.handle, event),
    };
    const handle = await this.#deps.host.open(
      {
        sessionId: id,
        channel,
        config: this.#deps.config,
        ...(version === undefined ? {} : { clientVersion: version }),
        ...(this.#wantsFreshProcess ? { freshProcess: true } : {}),
      },
      {
        onEvent: (event) => this.#deps.inbox.handle(source, event),
        onLost: (how) => {
          opening.isLost = true;
          if (this.#handle === opening.handle) this.#handle = undefined;
          this.#deps.onEnd(opening.handle, lostChildCause(how));
        },
        onMove: () => this.#deps.onMove(),
        onPulse: (pulse) => watch.pulse(opening.handle, pulse),
      },
    );
    this.#wantsFreshProcess = false;
    opening.handle = handle;
    this.#isLinked = handle.linked;
    this.#version = version;
    if (!opening.isLost) this.#handle = handle;
    return handle;
  }

  /** Opens and connects once; `undefined` when no account is linked. Rejects as `connect` of a connector does. */
  async connect(
    signal: AbortSignal,
    version?: ClientVersion,
  ): Promise<{ handle: SessionHandle; connected: Connected } | undefined> {
    const handle = await this.open(version);
    if (!this.#isLinked) return undefined;
    const connected = await handle.call('connect', undefined, { timeoutMs: CONNECT_TIMEOUT_MS, signal });
    return { handle, connected };
  }

  /** Unlinks the account where possible and empties the vault. Rejects when the process does not answer. */
  async erase(): Promise<void> {
    const handle = await this.open();
    await handle.call('logout', undefined, { timeoutMs: LOGOUT_TIMEOUT_MS });
    this.#isLinked = false;
  }

  /** Unlinks as well as possible and closes. Never rejects. */
  async forget(): Promise<void> {
    await this.#attempt('unlink', () => this.erase());
    await this.close();
  }

  /** Disconnects and closes. Never rejects. */
  async hangUp(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    await this.#disconnect(handle);
    await this.close();
  }

  /** Ends the connection, and with it the session or its process, so that the next one is made anew. Never rejects. */
  async renew(what: Renewal): Promise<void> {
    const handle = this.#handle;
    if (what === 'process') this.#wantsFreshProcess = true;
    if (handle === undefined) return;
    const isDown = await this.#disconnect(handle);
    if (what !== 'socket' || !isDown) await this.close();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) await this.#attempt('close', () => handle.close());
  }

  #disconnect(handle: SessionHandle): Promise<boolean> {
    const options = { timeoutMs: DISCONNECT_TIMEOUT_MS };
    return this.#attempt('disconnect', () => handle.call('disconnect', undefined, options));
  }

  /** Returns whether it succeeded. */
  async #attempt(step: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#deps.log.warn('session step failed', {
        session: this.#deps.session.id,
        step,
        error: error instanceof Error ? error : String(error),
      });
      return false;
    }
  }
}
