import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject } from '../../tl.ts';
import { mentioned, type PeopleRenderer } from './render-people.ts';
import { shortForm } from './render-update.ts';
import type { Rules } from './rules.ts';
import type { AccountRecord, Authorization, WorldState } from './state.ts';
import type { UpdateStream } from './update-stream.ts';

interface PushOptions {
  /** The key whose own call this is: it learns of it by the answer. */
  readonly except?: string | undefined;
  /** People come as `min` users. */
  readonly min?: boolean;
}

/** Tells the clients of an account what happened, each in the form that suits it. */
export class Pushes {
  readonly #state: WorldState;
  readonly #people: PeopleRenderer;
  readonly #stream: UpdateStream;
  readonly #rules: Rules;
  readonly #clock: Clock;

  constructor(deps: {
    readonly state: WorldState;
    readonly people: PeopleRenderer;
    readonly stream: UpdateStream;
    readonly rules: Rules;
    readonly clock: Clock;
  }) {
    this.#state = deps.state;
    this.#people = deps.people;
    this.#stream = deps.stream;
    this.#rules = deps.rules;
    this.#clock = deps.clock;
  }

  /** Full keys of an account: those that get updates. */
  keysOf(accountId: bigint): readonly Authorization[] {
    return [...this.#state.authorizations.values()].filter(
      (one) => one.accountId === accountId && one.stage === 'full' && one.dead === undefined,
    );
  }

  toAccount(viewer: AccountRecord, updates: readonly TlObject[], options: PushOptions = {}): void {
    for (const authorization of this.keysOf(viewer.id)) {
      if (authorization.keyId === options.except) continue;
      this.#stream.offer(authorization.keyId, this.#form(authorization, viewer, updates, options));
    }
  }

  /** What is over in a moment: typing, presence. */
  brief(viewer: AccountRecord, update: TlObject, options: PushOptions = {}): void {
    const short = { _: 'updateShort', update, date: this.#now() };
    for (const { keyId } of this.keysOf(viewer.id)) {
      if (keyId !== options.except) this.#stream.offer(keyId, short);
    }
  }

  /** The answer to a call: updates with everybody whom they name. */
  answer(viewer: AccountRecord, updates: readonly TlObject[]): TlObject {
    const { users, chats } = this.#people.named(updates, viewer);
    return { _: 'updates', updates, users, chats, date: this.#now(), seq: 0 };
  }

  tooLong(viewer: AccountRecord): void {
    for (const { keyId } of this.keysOf(viewer.id)) this.#stream.offer(keyId, { _: 'updatesTooLong' });
  }

  #form(
    authorization: Authorization,
    viewer: AccountRecord,
    updates: readonly TlObject[],
    options: PushOptions,
  ): TlObject {
    const [first] = updates;
    const short = updates.length === 1 && first !== undefined ? shortForm(first) : undefined;
    if (short !== undefined && this.#maySendShort(authorization, first)) return short;
    const { users, chats, keys } = this.#people.named(updates, viewer, options);
    if (options.min !== true) for (const key of keys) authorization.known.add(key);
    // Only what no pts orders is numbered by seq.
    const isNumbered = updates.every((update) => update['pts'] === undefined && update['qts'] === undefined);
    const parcel = { updates, users, chats, date: this.#now() };
    if (!isNumbered) return { _: 'updates', ...parcel, seq: 0 };
    authorization.seq += 1;
    const { seq } = authorization;
    return this.#rules.numbered === 'updates'
      ? { _: 'updates', ...parcel, seq }
      : { _: 'updatesCombined', ...parcel, seqStart: seq, seq };
  }

  #maySendShort(authorization: Authorization, update: TlObject | undefined): boolean {
    if (this.#rules.shortForms !== 'known' || update === undefined) return this.#rules.shortForms === 'always';
    for (const key of mentioned([update])) if (!authorization.known.has(key)) return false;
    return true;
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
