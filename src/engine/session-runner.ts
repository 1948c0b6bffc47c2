import type { Account } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { beginLogin } from './begin-login.ts';
import { mayBePutRight } from './causes.ts';
import { ConnectionKeeper, STOP_GRACE_MS } from './connection-keeper.ts';
import type { Liveness } from './model/liveness.ts';
import type { Session } from './model/session.ts';
import { restOfRestriction } from './next-attempt.ts';
import type { SessionHandle } from './ports/index.ts';
import type { RunnerDeps } from './runner-deps.ts';

/** The running of one session: what the daemon and people have it do. */
export class SessionRunner {
  readonly #deps: RunnerDeps;
  readonly #session: Session;
  readonly #keeper: ConnectionKeeper;

  constructor(deps: RunnerDeps, session: Session) {
    this.#deps = deps;
    this.#session = session;
    this.#keeper = new ConnectionKeeper(deps, session);
  }

  /** How the line last proved that it hears; null while it is not connected. From memory. */
  get liveness(): Liveness | null {
    return this.#keeper.liveness;
  }

  /** At start of the daemon: goes on where it was. Resolves after the first attempt; never rejects. */
  async resume(): Promise<void> {
    const keeper = this.#keeper;
    const { state } = keeper.journal;
    if (state === 'unlinked' || state === 'logged_out' || state === 'banned') return;
    if (state === 'stopped' && !mayBePutRight(this.#session.reason)) return;
    const restMs = restOfRestriction(this.#session, this.#deps.clock.now());
    if (restMs > 0) keeper.connectAfter(restMs);
    // `linking`: the daemon ended in the middle of it, and the vault knows whether the account was linked.
    else await keeper.run(() => keeper.connect());
  }

  /** Resolves once the state is `connecting`; the attempt itself goes on alone. Rejects with `session_not_linked`. */
  async start(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper.isUp || keeper.journal.state === 'connecting') return;
    await keeper.command(async () => {
      const { state } = keeper.journal;
      if (state === 'logged_out') throw new BellhopError('session_not_linked');
      if (state === 'unlinked' || state === 'linking') await this.#requireAccount();
      keeper.forgetTrouble();
      await keeper.journal.connecting();
      void keeper.run(() => keeper.connect(true));
    });
  }

  /** Closes the connection and keeps the link. Resolves when the line is closed. */
  stop(): Promise<void> {
    const keeper = this.#keeper;
    return keeper.command(async () => {
      await keeper.takeDown(STOP_GRACE_MS);
      const { state } = keeper.journal;
      if (state === 'unlinked' || state === 'logged_out' || state === 'banned') return;
      if (state === 'linking') return keeper.becomeUnlinked('link_cancelled', 'Linking was stopped.');
      await keeper.journal.stopped();
    });
  }

  /** The daemon ends: the line is closed, and the stored state tells the next start to go on. Never rejects. */
  async shutDown(graceMs: number): Promise<void> {
    await this.#keeper.command(() => this.#keeper.takeDown(graceMs));
    this.#keeper.journal.close();
  }

  /** Unlinks the account as well as possible and forgets everything. Never rejects. */
  async unlink(): Promise<void> {
    const keeper = this.#keeper;
    await keeper.command(async () => {
      await keeper.detach(STOP_GRACE_MS);
      await keeper.line.forget();
    });
    keeper.journal.close();
    this.#deps.telemetry.sessionGone(this.#session.id);
  }

  /**
   * Makes room for linking and lends the open session to `begin`, which resolves with the first step. Rejects with
   * `session_not_linkable`, with the host's errors and with those of `begin`.
   */
  async link<T>(begin: (handle: SessionHandle) => Promise<T>): Promise<T> {
    const { journal, line, versions, parts } = this.#keeper;
    const keeper = this.#keeper;
    if (keeper.isUp || journal.state === 'connecting' || journal.state === 'backing_off')
      throw new BellhopError('session_not_linkable');
    return keeper.command(async () => {
      try {
        await line.open(versions.forLogin);
        const isOver = journal.state === 'logged_out' || journal.state === 'banned';
        if (line.isLinked && isOver) await line.erase();
        if (line.isLinked) throw new BellhopError('session_not_linkable');
        const first = await beginLogin(parts, begin, keeper.life);
        await journal.linking();
        return first;
      } catch (error) {
        versions.leave();
        if (journal.state === 'linking') await keeper.becomeUnlinked('link_failed', 'Linking did not begin.');
        else await line.close();
        throw error;
      }
    });
  }

  /** The wizard is through. */
  linked(account: Account): void {
    const keeper = this.#keeper;
    keeper.line.markLinked();
    keeper.versions.knows(account);
    void keeper.run(async () => {
      keeper.forgetTrouble();
      await keeper.journal.connecting(account);
      await keeper.connect(true);
    });
  }

  /** The wizard ended without an account. */
  linkFailed(code: string, text: string): void {
    const keeper = this.#keeper;
    void keeper.run(async () => {
      if (keeper.journal.state === 'linking') await keeper.becomeUnlinked(code, text);
    });
  }

  /** The record may be behind the vault, e.g. after a crash at the end of linking. */
  async #requireAccount(): Promise<void> {
    const { journal, line } = this.#keeper;
    await line.open();
    if (line.isLinked) return;
    if (journal.state === 'unlinked') await line.close();
    throw new BellhopError('session_not_linked');
  }
}
