import type { Account, ClientVersion, Connected, DisconnectCause } from '../connector-api/index.ts';
import type { SessionJournal } from './session-journal.ts';
import type { LadderAdvice, OldVersion } from './version-advice.ts';
import type { VersionCatalogue } from './version-catalogue.ts';
import type { VersionFleet } from './version-fleet.ts';
import type { VersionTurn } from './version-ladder.ts';

/** A turn of a session; without a version where its channel, or its kind of account, knows none. */
export type SessionTurn = VersionTurn | { readonly do: 'go'; readonly version: undefined };

/** One session's place on the version ladder of its channel, and what it has told of it. Used by its runner. */
export class SessionVersions {
  readonly #catalogue: Pick<VersionCatalogue, 'fleet'>;
  readonly #session: { readonly id: string; readonly channel: string };
  readonly #journal: Pick<SessionJournal, 'announces'>;
  #accountKind: string | undefined;
  /** What the session announced last; undefined before its first connection. */
  #announced: ClientVersion | undefined;
  /** What people were last told that it announces. */
  #told: ClientVersion | undefined;

  constructor(deps: {
    catalogue: Pick<VersionCatalogue, 'fleet'>;
    journal: Pick<SessionJournal, 'announces'>;
    session: {
      readonly id: string;
      readonly channel: string;
      readonly account: { readonly kind: string | null } | null;
      readonly version: { readonly current: string | null };
    };
  }) {
    this.#catalogue = deps.catalogue;
    this.#journal = deps.journal;
    this.#session = deps.session;
    this.#accountKind = deps.session.account?.kind ?? undefined;
    this.#announced = deps.session.version.current ?? undefined;
    this.#told = this.#announced;
  }

  /** What a login announces: the account's kind is not known yet. */
  get forLogin(): ClientVersion | undefined {
    return this.#catalogue.fleet(this.#session.channel)?.ladder.current;
  }

  /** The first step of a login came: the network accepts this version. */
  loginWorked(version: ClientVersion): void {
    this.#catalogue.fleet(this.#session.channel)?.loginWorked(this.#session.id, version);
  }

  /** The login was refused as outdated. What is tried next is `forLogin`, if the advice is a step. */
  loginRefused(version: ClientVersion): LadderAdvice {
    return this.#catalogue.fleet(this.#session.channel)?.loginRefused(this.#session.id, version) ?? { do: 'wait' };
  }

  knows(account: Account): void {
    this.#accountKind = account.kind;
  }

  ask(): SessionTurn {
    return this.#fleet()?.ask(this.#session.id) ?? { do: 'go', version: undefined };
  }

  /** Called once when there is something to try, or nothing to wait for any more. */
  wait(wake: () => void): void {
    this.#fleet()?.wait(this.#session.id, wake);
  }

  /** Writes down that the session announces another version than before, just before it does. */
  async announce(turn: SessionTurn): Promise<void> {
    if (turn.do !== 'go' || turn.version === undefined) return;
    const { version, role } = turn;
    const before = this.#announced;
    this.#announced = version;
    // Whether silence means "no" is asked again and again during an outage: news is only what comes of it.
    const isNews = role !== 'doubter' && version !== this.#told;
    if (isNews || before === undefined) this.#told = version;
    if (before !== undefined && before !== version) await this.#journal.announces(before, version, isNews);
  }

  /** Resolves with how old the version is that the session is connected with; null when it is as it should be. */
  async worked({ account, version }: Connected): Promise<OldVersion | null> {
    this.knows(account);
    const fleet = this.#fleet();
    if (fleet === undefined) return null;
    fleet.worked(this.#session.id);
    const told = this.#told;
    this.#told = version;
    if (told !== undefined && told !== version) await this.#journal.announces(told, version, true);
    return fleet.standing(version);
  }

  ended(cause: DisconnectCause): LadderAdvice | undefined {
    if (cause.final === undefined) return this.#fleet()?.ended(this.#session.id, cause);
    this.leave(); // No version mends it.
    return undefined;
  }

  /** The session is stopped, or a command begins: what it tried out is another's turn. */
  leave(): void {
    this.#catalogue.fleet(this.#session.channel)?.leave(this.#session.id);
  }

  #fleet(): VersionFleet | undefined {
    return this.#catalogue.fleet(this.#session.channel, this.#accountKind);
  }
}
