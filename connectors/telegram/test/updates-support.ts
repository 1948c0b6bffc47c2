import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { MtprotoClient } from '../mtproto/client.ts';
import { CallLost, RpcFailure } from '../mtproto/client.ts';
import { PeerBook } from '../peer-book.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { numberAt, objectAt } from '../tl-fields.ts';
import type { UpdateBatch } from '../updates/update-applier.ts';
import { UpdateSync } from '../updates/update-sync.ts';
import { GapsServer, SELF } from './gaps-server.ts';

/** One account and its server, on a line that does what the test says. */
export class SyncStage {
  readonly clock = new VirtualClock();
  readonly vault = new MemoryVault({ clock: this.clock });
  readonly server = new GapsServer({ random: seededRandom(7), now: () => this.clock.now(), channels: 2 });
  readonly peers = new PeerBook({ vault: this.vault });
  /** Methods that were called, in order. */
  readonly calls: string[] = [];
  readonly batches: UpdateBatch[] = [];
  readonly refusals: RpcFailure[] = [];
  readonly closing = new AbortController();
  /** What the server answers in place of its own answer: once for each. */
  readonly scripted: { readonly method: string; readonly outcome: TlValue | Error }[] = [];
  /** Pushes that the server has sent. */
  readonly pushed: TlObject[] = [];
  onTake: () => void = () => undefined;

  constructor() {
    this.server.onPush = (updates) => void this.pushed.push(updates);
  }

  sync(): UpdateSync {
    return new UpdateSync({
      client: this.#client(),
      vault: this.vault,
      peers: this.peers,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLogger,
      signal: this.closing.signal,
      selfId: SELF,
      take: (batch) => {
        this.onTake();
        this.batches.push(batch);
      },
      onRefused: (failure) => void this.refusals.push(failure),
    });
  }

  /** Level with the server, with nothing on its way. */
  async started(): Promise<UpdateSync> {
    const sync = this.sync();
    await sync.start();
    this.forget();
    return sync;
  }

  forget(): void {
    this.calls.splice(0);
    this.batches.splice(0);
  }

  script(method: string, outcome: TlValue | Error): void {
    this.scripted.push({ method, outcome });
  }

  /** Lets the server do something and holds the pushes back. */
  happen(work: (server: GapsServer) => void): readonly TlObject[] {
    work(this.server);
    return this.pushed.splice(0);
  }

  async feed(sync: UpdateSync, ...updates: readonly TlObject[]): Promise<void> {
    for (const each of updates) sync.feed(each);
    await settle();
  }

  /** Ids of the messages that were taken. */
  get ids(): readonly number[] {
    return this.updates.flatMap((update) => {
      const message = objectAt(update, 'message');
      return message === undefined ? [] : [numberAt(message, 'id') ?? 0];
    });
  }

  get updates(): readonly TlObject[] {
    return this.batches.flatMap((batch) => batch.updates);
  }

  #client(): MtprotoClient {
    return {
      ended: new Promise(() => undefined),
      open: async () => undefined,
      invoke: async (call) => {
        this.calls.push(call._);
        const index = this.scripted.findIndex(({ method }) => method === call._);
        const [script] = index < 0 ? [] : this.scripted.splice(index, 1);
        if (script?.outcome instanceof Error) throw script.outcome;
        return script?.outcome ?? this.server.handle(call);
      },
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

export const refused = (code: number, text: string): RpcFailure => new RpcFailure({ code, text, method: 'updates' });
export const lost = (reason: CallLost['reason']): CallLost => new CallLost({ isWritten: true, reason });
