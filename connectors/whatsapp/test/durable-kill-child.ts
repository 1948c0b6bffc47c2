import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../../src/connector-api/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { AuthStore } from '../auth-state.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import { makeBaileysLogger } from '../baileys-log.ts';
import { FailureSwitch } from '../durable-failure.ts';
import type { DurableSocket } from '../durable-socket.ts';
import { createDurableInbox } from '../durable-socket.ts';
import { Journal } from '../journal.ts';
import { Keeper } from '../keeper.ts';

/**
 * A process that is killed: the real library and the real vault, on a line to the simulated network, with a file in the
 * daemon's place. Kills itself with SIGKILL when it comes to the given point for the nth time.
 */

export const killPoints = [
  'before-decrypt',
  'between-rows',
  'before-commit',
  'after-decrypt',
  'in-handler',
  'after-store',
] as const;
export type KillPoint = (typeof killPoints)[number];

export interface RunOptions {
  readonly wsUrl: string;
  readonly rootKey: string;
  readonly dir: string;
  readonly purpose: 'login' | 'connect';
  /** `stock`: Baileys as it is, its messages stored by its own event. */
  readonly mode: 'durable' | 'stock';
  readonly kill?: { readonly point: KillPoint; readonly nth: number };
  /** Handlers never resolve: the worker does not get anywhere. */
  readonly holdWorker?: boolean;
  /** The inbox's clock runs twenty times as fast, so that waiting for retries does not take minutes. */
  readonly isHurried?: boolean;
}

export type ToChild =
  | { readonly type: 'run'; readonly options: RunOptions }
  | { readonly type: 'say'; readonly to: string; readonly text: string };
export type FromChild =
  | { readonly type: 'ready' | 'open' | 'end' }
  | { readonly type: 'qr'; readonly text: string }
  | { readonly type: 'stored'; readonly id: string }
  | { readonly type: 'failure'; readonly kind: string };

const HURRY = 20;
const hurriedClock: Clock = {
  now: () => systemClock.now() * HURRY,
  monotonic: () => systemClock.monotonic() * HURRY,
  after: (delayMs, work) => systemClock.after(delayMs / HURRY, work),
};

const MASTER_KEY = Buffer.alloc(32, 7);

let reached = 0;
let plan: RunOptions['kill'];

function reach(point: KillPoint): void {
  if (plan?.point !== point) return;
  reached += 1;
  if (reached >= plan.nth) process.kill(process.pid, 'SIGKILL');
}

/** The daemon's store: each id once, durable before it returns. */
class Storage {
  readonly #file: string;
  readonly #ids: Set<string>;

  constructor(dir: string) {
    this.#file = join(dir, 'stored.jsonl');
    const lines = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').filter(Boolean) : [];
    this.#ids = new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id));
  }

  add(id: string, text: string): void {
    if (!this.#ids.has(id)) {
      this.#ids.add(id);
      const handle = openSync(this.#file, 'a');
      appendFileSync(handle, `${JSON.stringify({ id, text })}\n`);
      fsyncSync(handle);
      closeSync(handle);
    }
    tell({ type: 'stored', id });
  }
}

function tell(message: FromChild): void {
  process.send?.(message);
}

/** Where the vault's transaction stands, as points to die at. */
function withKillPoints(vault: SessionVault): SessionVault {
  let depth = 0;
  let hasMessage = false;
  return {
    ...vault,
    secrets: vault.secrets,
    cursor: vault.cursor,
    spool: {
      ...vault.spool,
      put: (key, body) => {
        if (Buffer.from(body).subarray(0, 14).toString() === '{"k":"message"') {
          reach('between-rows');
          hasMessage = true;
        }
        vault.spool.put(key, body);
      },
    },
    transaction: (work) => {
      depth += 1;
      if (depth === 1) hasMessage = false;
      try {
        const result = vault.transaction(() => {
          const value = work();
          if (depth === 1 && hasMessage) reach('before-commit');
          return value;
        });
        if (depth === 1 && hasMessage) reach('after-decrypt');
        return result;
      } finally {
        depth -= 1;
      }
    },
  };
}

function textOf(message: WAMessage): string | undefined {
  return message.message?.conversation ?? message.message?.extendedTextMessage?.text ?? undefined;
}

async function run(options: RunOptions): Promise<void> {
  plan = options.kill;
  const baileys = await loadBaileys({ trustedRoots: [options.rootKey] });
  const clock = options.isHurried === true ? hurriedClock : systemClock;
  const opened = openVault({ dir: options.dir, sessionId: 'hotel', masterKey: MASTER_KEY, clock });
  const vault = withKillPoints(opened);
  const storage = new Storage(options.dir);
  const store = async (message: WAMessage): Promise<void> => {
    const text = textOf(message);
    if (text === undefined) return;
    if (options.holdWorker === true) await new Promise(() => undefined);
    reach('in-handler');
    storage.add(message.key.id ?? '', text);
    reach('after-store');
  };
  const sock =
    options.mode === 'durable'
      ? await connectDurably(baileys, vault, options, store)
      : connectStock(baileys, vault, store);
  process.on('message', (order: ToChild) => {
    if (order.type === 'say') void sock.sendMessage(order.to, { text: order.text }).catch(() => undefined);
  });
  sock.ws.prependListener('CB:message', () => reach('before-decrypt'));
  sock.ev.on('connection.update', ({ connection, qr }) => {
    if (qr !== undefined) tell({ type: 'qr', text: qr });
    if (connection === 'open') tell({ type: 'open' });
    if (connection !== 'close') return;
    opened.close();
    tell({ type: 'end' });
    process.disconnect();
  });

  function connectStock(library: Baileys, files: SessionVault, handle: typeof store): WASocket {
    const journal = new Journal({ vault: files, clock: systemClock });
    const auth = new AuthStore({ baileys: library, vault: files });
    const creds = auth.begin({ fresh: false });
    const keys = auth.keys({ journal, failure: new FailureSwitch({ onFailure: () => undefined }) });
    const stock = library.makeWASocket({ ...common(options), auth: { creds, keys } });
    stock.ev.on('creds.update', () => auth.save());
    stock.ev.on('messages.upsert', ({ messages }) => {
      for (const message of messages) void handle(message);
    });
    return stock;
  }
}

async function connectDurably(
  baileys: Baileys,
  vault: SessionVault,
  options: RunOptions,
  store: (message: WAMessage) => Promise<void>,
): Promise<WASocket> {
  const nothing = async (): Promise<void> => undefined;
  const inbox = createDurableInbox({
    baileys,
    vault,
    clock: options.isHurried === true ? hurriedClock : systemClock,
    random: systemRandom,
    log: silentLogger,
    handlers: {
      onMessage: (message) => store(message),
      onUnreadable: nothing,
      onPoison: nothing,
      onReceipt: nothing,
      onNotification: nothing,
      onCall: nothing,
      onCanary: nothing,
    },
  });
  const durable: DurableSocket = inbox.prepareSocket({
    purpose: options.purpose,
    onFailure: ({ type, error }) => tell({ type: 'failure', kind: `${type}: ${error.message}` }),
  });
  if (options.holdWorker === true) inbox.start();
  else if (options.purpose === 'connect') await inbox.replay(new AbortController().signal);
  const sock = baileys.makeWASocket({ ...common(options), ...durable.config });
  durable.attach(sock);
  new Keeper({ sock, clock: systemClock, log: silentLogger }).start();
  return sock;
}

function common(options: RunOptions): Omit<Parameters<Baileys['makeWASocket']>[0], 'auth'> {
  return {
    waWebSocketUrl: options.wsUrl,
    logger: makeBaileysLogger(silentLogger),
    browser: ['Mac OS', 'Chrome', '14.4.1'],
    markOnlineOnConnect: false,
    emitOwnEvents: false,
    syncFullHistory: false,
    retryRequestDelayMs: 1,
  };
}

// Warm: the expensive part of a life is loading the library, and that happens while the life before still runs.
await loadBaileys({ trustedRoots: [] });
process.once('message', (order: ToChild) => {
  if (order.type === 'run') void run(order.options);
});
tell({ type: 'ready' });
