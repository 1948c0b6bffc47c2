import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedMicros } from './machine.ts';
import { childrenOf } from './process-figures.ts';

/** The built product; another build can be named, to compare two. */
const MAIN = resolve(
  process.env['BELLHOP_BENCH_MAIN'] ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url)),
);
const READY = /is running/;
const STOP_LIMIT_MS = 15_000;

export interface ProductOptions {
  /** YAML below the settings that every benchmark has: loopback, a free port, no pacing, warnings only. */
  readonly yaml?: string;
  readonly execArgv?: readonly string[];
  /** Core that the daemon and its children are bound to. */
  readonly core?: number;
  /** Files of an earlier run, see `stop`. */
  readonly folder?: string;
}

/** A daemon of the built product in a folder of its own, started as an operator starts it, with a configuration file. */
export class Product {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #ready: Promise<void>;
  /** Shared microseconds at which the process was spawned. */
  readonly spawnedAt: number;
  #url = '';
  #key = '';
  #stopping = false;

  constructor(options: ProductOptions = {}) {
    if (!existsSync(MAIN)) throw new Error('the product is not built: run `npm run build` first');
    this.#folder = options.folder ?? mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
    const settings = 'server: { port: 0, rateLimit: { max: 10000000 } }\nlog: { level: warn, format: json }\n';
    writeFileSync(join(this.#folder, 'config.yaml'), `${settings}${options.yaml ?? ''}`);
    const command = [...(options.execArgv ?? []), MAIN, 'start'];
    const [program, args] =
      options.core === undefined
        ? [process.execPath, command]
        : ['taskset', ['-c', String(options.core), process.execPath, ...command]];
    this.spawnedAt = sharedMicros();
    this.#process = spawn(program, args, {
      cwd: this.#folder,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ready = this.#waitUntilReady();
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The process in which the connectors run; there is one as soon as there is a session. */
  get connectorPid(): number {
    const [pid] = childrenOf(this.pid);
    if (pid === undefined) throw new Error('no connector process runs');
    return pid;
  }

  get url(): string {
    return this.#url;
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    const answer: T = JSON.parse(text === '' ? 'null' : text);
    return answer;
  }

  /** Resolves with the folder, which another product can go on with if its files were kept. */
  async stop(options: { readonly keepFiles?: boolean } = {}): Promise<string> {
    this.#stopping = true;
    const ended = new Promise((done) => this.#process.once('exit', done));
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      const limit = setTimeout(() => this.#process.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(limit);
    }
    if (options.keepFiles !== true) rmSync(this.#folder, { recursive: true, force: true });
    return this.#folder;
  }

  #waitUntilReady(): Promise<void> {
    let output = '';
    let errors = '';
    this.#process.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
    return new Promise((done, fail) => {
      this.#process.once('exit', (code, signal) => {
        if (!this.#stopping) console.error(`the daemon ended with ${code ?? signal}: ${errors}`);
        fail(new Error('the daemon has ended'));
      });
      this.#process.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (this.#url !== '' || !READY.test(output)) return;
        const address = JSON.parse(readFileSync(join(this.#folder, 'data/daemon.json'), 'utf8')) as {
          url: string;
          key: string;
        };
        this.#url = address.url;
        this.#key = address.key;
        done();
      });
    });
  }
}
