import type { Random } from '../../../src/core/random.ts';
import type { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { RpcFailure } from '../mtproto/client.ts';
import { Guest } from '../simulator/people/guest.ts';
import type { CallContext } from '../simulator/rpc.ts';
import { RpcError } from '../simulator/rpc.ts';
import type { AccountRecord, PeerKey } from '../simulator/world/state.ts';
import { World } from '../simulator/world/world.ts';
import type { TlObject, TlValue } from '../tl.ts';
import type { BadServer } from './gaps-driver.ts';

const GUESTS = 3;
const KEY = 'aa00';
const CONTEXT: CallContext = {
  key: { keyId: KEY, dcId: 1 },
  sessionId: 'session',
  init: {
    layer: 227,
    apiId: 1,
    deviceModel: 'Test',
    systemVersion: '1',
    appVersion: '1',
    langCode: 'en',
    systemLangCode: 'en',
  },
  withoutUpdates: false,
};

/** The network in a box, with guests in it who write wherever they can. */
export class GapsTown implements BadServer {
  readonly #world: World;
  readonly #random: Random;
  readonly #desk: AccountRecord;
  readonly #guests: readonly Guest[];
  readonly #family: PeerKey;
  readonly #parties: PeerKey[] = [];
  readonly #said = new Map<string, number[]>();
  #pushed: TlObject[] = [];
  #sends = 0n;
  onPush: (updates: TlObject) => void = () => undefined;

  constructor(deps: { random: Random; clock: VirtualClock }) {
    const { random, clock } = deps;
    this.#random = random;
    const push = (_key: string, updates: TlObject): void => this.onPush(updates);
    const wire = { push, forgetKey: () => undefined, cut: () => undefined };
    this.#world = new World({ clock, random, wire });
    this.#desk = this.#world.town.createAccount({ firstName: 'Desk' });
    this.#world.parts.authorizations.bind(CONTEXT.key, this.#desk);
    this.#guests = Array.from({ length: GUESTS }, () => this.#newGuest());
    const { rules } = this.#world.parts;
    rules.shortForms = this.#below(2) === 0 ? 'known' : 'always';
    rules.minUsers = this.#below(2) === 0;
    rules.differenceSlice = 1 + this.#below(4);
    rules.channelSlice = 1 + this.#below(4);
    if (this.#below(3) === 0) {
      rules.differenceTooLong = 6;
      rules.channelTooLong = 6;
    }
    this.#family = this.#anybody().createGroup('Family', this.#guests);
    for (let index = 0; index < 2; index += 1) this.join();
  }

  get selfId(): bigint {
    return this.#desk.id;
  }

  say(): void {
    const isPrivate = this.#below(2) === 0;
    const id = isPrivate ? this.#anybody().say('text') : this.#anybody().say('text', this.#family);
    this.#note('common', id);
  }

  post(): void {
    const party = this.#parties[this.#below(this.#parties.length)];
    if (party !== undefined) this.#note(party.slice(1), this.#guests[0]?.say('text', party) ?? 0);
  }

  /** Readings, edits and deletions of the account's own: they move the count, and are no messages. */
  stir(): void {
    const guest = this.#anybody();
    if (this.#below(2) === 0) guest.read();
    else guest.read(this.#family);
  }

  /** A family's worth of words at once, in one push. */
  crowd(): void {
    const { onPush } = this;
    this.onPush = (updates) => void this.#pushed.push(updates);
    for (let index = 0; index < 3; index += 1) this.post();
    this.onPush = onPush;
    const [first, ...rest] = this.#pushed.splice(0);
    if (first === undefined) return;
    const all = [first, ...rest].flatMap((each) => each['updates'] as TlObject[]);
    this.onPush({ ...first, updates: all, chats: [first, ...rest].flatMap((each) => each['chats'] as TlObject[]) });
  }

  join(): void {
    const host = this.#guests[0];
    if (host === undefined) return;
    this.#parties.push(host.createSupergroup(`Party ${this.#parties.length}`, this.#guests));
  }

  rename(): void {
    this.#world.town.rename(this.#anybody().account, { firstName: `Name ${this.#below(99)}` });
  }

  sendOwn(): TlValue {
    this.#sends += 1n;
    const guest = this.#anybody().account;
    const accessHash = this.#world.parts.peers.accessHash(this.#desk.id, `u${guest.id}`);
    const peer = { _: 'inputPeerUser', userId: guest.id, accessHash };
    return this.handle({ _: 'messages.sendMessage', peer, message: 'own', randomId: this.#sends });
  }

  handle(call: TlObject): TlValue {
    try {
      return this.#world.handle(call, CONTEXT);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      throw new RpcFailure({ code: error.code, text: error.text, method: call._ });
    }
  }

  get expected(): ReadonlyMap<string, readonly number[]> {
    return this.#said;
  }

  get violations(): readonly string[] {
    return this.#world.parts.violations.all().map(({ code, detail }) => `${code} ${detail}`);
  }

  #newGuest(): Guest {
    return new Guest({ world: this.#world, account: this.#world.town.createAccount(), desk: this.#desk });
  }

  #anybody(): Guest {
    const guest = this.#guests[this.#below(this.#guests.length)];
    if (guest === undefined) throw new Error('nobody is here');
    return guest;
  }

  #note(box: string, id: number): void {
    this.#said.set(box, [...(this.#said.get(box) ?? []), id]);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
}
