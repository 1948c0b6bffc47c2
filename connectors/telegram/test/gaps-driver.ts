import type { SessionVault } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import type { Random } from '../../../src/core/random.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { MtprotoClient } from '../mtproto/client.ts';
import { CallLost } from '../mtproto/client.ts';
import { PeerBook } from '../peer-book.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { isObject, numberAt, objectAt } from '../tl-fields.ts';
import type { UpdateBatch } from '../updates/update-applier.ts';
import { channelOf } from '../updates/update-state.ts';
import { UpdateSync } from '../updates/update-sync.ts';

const STEPS = 32;
/** Longer than the silence after which a client asks by itself. */
const QUIET_MS = 16 * 60 * 1000;

/** Telegram's side, with guests who act at the test's word. */
export interface BadServer {
  readonly selfId: bigint;
  /** Where pushes go. */
  onPush: (updates: TlObject) => void;
  /** A guest writes to the account, or into a basic group. */
  say(): void;
  /** A guest writes into a supergroup. */
  post(): void;
  /** Something that moves the count of the account without being a message. */
  stir(): void;
  /** Several things in one push. */
  crowd(): void;
  /** The account is taken into another supergroup. */
  join(): void;
  /** Something without a place in any row. */
  rename(): void;
  /** The account says something from here; answers what the caller is told. */
  sendOwn(): TlValue;
  /** Throws RpcFailure. */
  handle(call: TlObject): TlValue;
  /** Ids of the guests' messages by row: `common`, or the number of a supergroup. */
  readonly expected: ReadonlyMap<string, readonly number[]>;
  /** What the client did that no real one does. */
  readonly violations: readonly string[];
}

interface Call {
  readonly call: TlObject;
  answer?: TlValue;
  readonly resolve: (value: TlValue) => void;
  readonly reject: (error: Error) => void;
}

/** One life of the program: what it does after its end reaches neither the network nor the vault. */
class Life {
  readonly calls: Call[] = [];
  isOver = false;
  readonly sync: UpdateSync;
  isStarted = false;

  constructor(deps: {
    vault: MemoryVault;
    clock: VirtualClock;
    random: Random;
    selfId: bigint;
    take: (batch: UpdateBatch) => void;
  }) {
    const vault = this.#guard(deps.vault);
    this.sync = new UpdateSync({
      client: this.#client(),
      vault,
      peers: new PeerBook({ vault }),
      clock: deps.clock,
      random: deps.random,
      log: silentLogger,
      signal: new AbortController().signal,
      selfId: deps.selfId,
      take: deps.take,
      onRefused: () => undefined,
    });
  }

  start(): void {
    this.sync.start().then(
      () => {
        this.isStarted = true;
      },
      () => this.end(),
    );
  }

  /** As a kill, or (with `lost`) as the end of the connection, which the program notices. */
  end(options: { readonly lost: boolean } = { lost: false }): void {
    if (!options.lost) this.isOver = true;
    for (const call of this.calls.splice(0)) call.reject(new CallLost({ isWritten: true, reason: 'ended' }));
  }

  #guard(vault: MemoryVault): SessionVault {
    return {
      secrets: vault.secrets,
      cursor: vault.cursor,
      spool: vault.spool,
      transaction: (work) => {
        if (this.isOver) throw new Error('killed');
        return vault.transaction(work);
      },
    };
  }

  #client(): MtprotoClient {
    return {
      ended: new Promise(() => undefined),
      open: async () => undefined,
      invoke: (call) =>
        new Promise((resolve, reject) => {
          if (this.isOver) reject(new CallLost({ isWritten: false, reason: 'ended' }));
          else this.calls.push({ call, resolve, reject });
        }),
      onUpdates: () => undefined,
      ping: async () => 0,
      key: () => ({ dcId: 1, authKey: new Uint8Array(256) }),
      heardAt: undefined,
      isReached: true,
      provePassword: async () => ({ _: 'inputCheckPasswordEmpty' }),
      close: async () => undefined,
    };
  }
}

export type MakeServer = (deps: { readonly random: Random; readonly clock: VirtualClock }) => BadServer;

/**
 * Lives through one bad day, decided by the seed, and through the quiet after it. Answers what went wrong: a message of a guest that was
 * not taken once and in order, or something that no client does.
 */
export async function faultOf(seed: number, makeServer: MakeServer): Promise<string | undefined> {
  const day = new BadDay(seed, makeServer);
  await day.run();
  return day.fault();
}

class BadDay {
  readonly #seed: number;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #vault = new MemoryVault({ clock: this.#clock });
  readonly #server: BadServer;
  #life: Life;
  /** Pushes on their way. */
  #pushes: TlObject[] = [];
  #dropRate: number;
  #keys = 0;

  constructor(seed: number, makeServer: MakeServer) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#server = makeServer({ random: this.#random, clock: this.#clock });
    this.#server.onPush = (updates) => void this.#pushes.push(updates);
    this.#dropRate = this.#below(3) * 0.2;
    this.#life = this.#newLife();
  }

  async run(): Promise<void> {
    await this.#answerAll(); // the first connection, on a quiet line
    for (let step = 0; step < STEPS; step += 1) {
      await this.#step();
      await settle(1);
    }
    this.#vault.beforeCommit = undefined;
    if (this.#below(2) === 0) this.#pushes = []; // the last pushes are lost, and nothing follows them
    for (const push of this.#pushes.splice(0)) this.#life.sync.feed(push);
    for (let round = 0; round < 3; round += 1) {
      await this.#answerAll();
      await this.#quiet();
    }
    this.#life.end();
  }

  fault(): string | undefined {
    const taken = new Map<string, number[]>();
    for (const { body } of this.#vault.spool.pending(Number.MAX_SAFE_INTEGER)) {
      const { box, id } = JSON.parse(Buffer.from(body).toString()) as { box: string; id: number };
      taken.set(box, [...(taken.get(box) ?? []), id]);
    }
    const { expected, violations } = this.#server;
    const [violation] = violations;
    if (violation !== undefined) return `seed ${this.#seed}: ${violation}`;
    for (const [box, ids] of expected) {
      const found = (taken.get(box) ?? []).join(' ');
      if (found !== ids.join(' ')) return `seed ${this.#seed}, ${box}: took [${found}] of [${ids.join(' ')}]`;
    }
    return undefined;
  }

  async #step(): Promise<void> {
    const server = this.#server;
    if (this.#life.isOver) this.#life = this.#newLife();
    const life = this.#life;
    switch (this.#below(16)) {
      case 0:
      case 1:
      case 2:
        server.say();
        return;
      case 3:
      case 4:
        server.post();
        return;
      case 5:
        if (this.#below(2) === 0) server.stir();
        else server.rename();
        return;
      case 6:
        if (this.#below(3) === 0) server.join();
        else server.crowd();
        return;
      case 7: {
        const answer = server.sendOwn();
        if (this.#below(4) > 0 && isObject(answer)) life.sync.feedAnswer(answer);
        return;
      }
      case 8:
      case 9:
      case 10:
        this.#deliver();
        return;
      case 11:
      case 12:
        this.#answerOne();
        return;
      case 13:
        await this.#clock.advance(this.#below(700));
        return;
      case 14:
        if (this.#below(3) === 0) this.#restart();
        return;
      default:
        if (this.#below(3) === 0) this.#failVaultOnce();
    }
  }

  /** One of the pushes on their way arrives, seldom the first of them, perhaps twice, perhaps never. */
  #deliver(): void {
    const [push] = this.#pushes.splice(this.#below(Math.min(4, this.#pushes.length)), 1);
    if (push === undefined || this.#random.next() < this.#dropRate) return;
    this.#life.sync.feed(push);
    if (this.#below(5) === 0) this.#pushes.unshift(push);
  }

  /** The server works on a question at one time, and its answer arrives at another. */
  #answerOne(): void {
    const [call] = this.#life.calls;
    if (call === undefined) return;
    if (call.answer === undefined && this.#below(2) === 0) {
      call.answer = this.#server.handle(call.call);
      return;
    }
    this.#life.calls.shift();
    this.#settle(call);
  }

  #settle(call: Call): void {
    try {
      call.resolve(call.answer ?? this.#server.handle(call.call));
    } catch (error) {
      call.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #restart(): void {
    this.#life.end({ lost: this.#below(2) === 0 });
    if (this.#below(2) === 0) this.#pushes = [];
    this.#life.isOver = true;
    this.#life = this.#newLife();
  }

  /** One of the next transactions finds a full disk, or is the last thing that this life does. */
  #failVaultOnce(): void {
    const life = this.#life;
    const isKill = this.#below(2) === 0;
    let left = this.#below(4);
    this.#vault.beforeCommit = () => {
      left -= 1;
      if (left >= 0) return;
      this.#vault.beforeCommit = undefined;
      if (isKill) life.isOver = true;
      throw new Error('disk full');
    };
  }

  #newLife(): Life {
    const { selfId } = this.#server;
    const surroundings = { clock: this.#clock, random: this.#random, vault: this.#vault, selfId };
    const life = new Life({ ...surroundings, take: (batch) => this.#take(batch) });
    life.start();
    return life;
  }

  #take({ updates }: UpdateBatch): void {
    for (const update of updates) {
      const message = update._.startsWith('updateNew') ? objectAt(update, 'message') : undefined;
      if (message?._ !== 'message' || message['out'] === true) continue;
      const box = String(channelOf(update) ?? 'common');
      this.#keys += 1;
      const body = JSON.stringify({ box, id: numberAt(message, 'id') });
      this.#vault.spool.put(String(this.#keys), Buffer.from(body));
    }
  }

  async #answerAll(): Promise<void> {
    await settle(1);
    for (let call = this.#life.calls.shift(); call !== undefined; call = this.#life.calls.shift()) {
      this.#settle(call);
      await settle(1);
    }
  }

  async #quiet(): Promise<void> {
    if (!this.#life.isStarted || this.#life.isOver) {
      this.#life.isOver = true;
      this.#life = this.#newLife();
      await this.#answerAll();
    }
    for (const ms of [600, 130_000, QUIET_MS]) {
      await this.#clock.advance(ms);
      await this.#answerAll();
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
}
