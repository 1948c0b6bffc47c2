import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TelegramConfig } from '../../connectors/telegram/config.ts';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { waitUntil } from './bare-clients.ts';
import { Product } from './product.ts';
import type { LibraryName } from './telegram-library.ts';
import type { LinkedAccount } from './telegram-network-child.ts';
import { linkVaults, MASTER_KEY } from './telegram-vault.ts';

const LIMIT_MS = 60_000;

/** What a session of the daemon shows of itself. */
export interface SessionView {
  readonly id: string;
  readonly state: string;
  readonly since: string;
}

/** In each process of the product: collects garbage by force on a signal, and writes down what is left. */
const PROBE = `
  import { writeFileSync, renameSync } from 'node:fs';
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  process.on('SIGUSR2', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc');
    for (let round = 0; round < 3; round += 1) setTimeout(collect, round * 50);
    setTimeout(() => {
      const file = process.env.BENCH_PROBE + '/' + process.pid;
      writeFileSync(file + '.new', JSON.stringify(process.memoryUsage()));
      renameSync(file + '.new', file);
    }, 200);
  });
`;

/** A daemon whose Telegram sessions are linked already. They are started one by one. */
export class TelegramProduct {
  readonly product: Product;
  readonly #probes: string;

  private constructor(product: Product, probes: string) {
    this.product = product;
    this.#probes = probes;
  }

  /** Resolves when the API answers; no session runs yet. */
  static async start(facts: {
    config: TelegramConfig;
    engine: LibraryName;
    accounts: readonly LinkedAccount[];
    core?: number;
  }): Promise<TelegramProduct> {
    const { config, engine, accounts, core } = facts;
    const folder = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
    const named = accounts.map((account, index) => ({ id: nameOf(index), account }));
    await linkVaults(join(folder, 'sessions'), named);
    const yaml = [
      `sessions: { dir: ./sessions, key: "${Buffer.from(MASTER_KEY).toString('base64')}" }`,
      `channels: { telegram: ${JSON.stringify({ ...config, engines: [engine] })} }`,
      'pacing: { mode: "off" }',
    ];
    const before = process.env['NODE_OPTIONS'];
    const probes = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
    process.env['NODE_OPTIONS'] = `--import data:text/javascript,${encodeURIComponent(PROBE)}`;
    process.env['BENCH_PROBE'] = probes;
    const product = new Product({ yaml: `${yaml.join('\n')}\n`, folder, ...(core === undefined ? {} : { core }) });
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
    await product.ready();
    for (const { id } of named) await product.call('POST', '/v1/sessions', { id, channel: 'telegram' });
    return new TelegramProduct(product, probes);
  }

  /** Starts sessions `from` up to `to`, and resolves when they are connected. */
  async connect({ from, to }: { from: number; to: number }): Promise<void> {
    for (let index = from; index < to; index += 1) {
      await this.product.call('POST', `/v1/sessions/${nameOf(index)}/start`);
    }
    await waitUntil(async () => (await this.connected()).length >= to, LIMIT_MS);
  }

  async connected(): Promise<readonly SessionView[]> {
    const { data } = await this.product.call<{ data: readonly SessionView[] }>('GET', '/v1/sessions?limit=200');
    return data.filter(({ state }) => state === 'connected');
  }

  /** Of the process in which the connectors run, after its garbage was collected by force; bytes. */
  async memory(): Promise<{ readonly rss: number; readonly heapUsed: number }> {
    const { connectorPid } = this.product;
    const file = join(this.#probes, String(connectorPid));
    rmSync(file, { force: true });
    process.kill(connectorPid, 'SIGUSR2');
    for (;;) {
      await sleep(systemClock, 50);
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as { rss: number; heapUsed: number };
      } catch {
        // not written yet
      }
    }
  }

  async stop(): Promise<void> {
    await this.product.stop();
    rmSync(this.#probes, { recursive: true, force: true });
  }
}

const nameOf = (index: number): string => `bench-${String(index).padStart(3, '0')}`;
