import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = process.env['BELLHOP_TEST_MAIN'] ?? fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** A folder of its own for each daemon, removed at the end of the test. */
export function makeWorkingDir(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'bellhop-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment of every process under test: nothing of the developer's own settings, no colours, any free port. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('BELLHOP_') && name !== 'FORCE_COLOR',
  );
  return {
    ...Object.fromEntries(inherited),
    NO_COLOR: '1',
    BELLHOP_SERVER__PORT: '0',
    BELLHOP_PACING__MODE: 'off',
    ...extra,
  };
}

/** Runs a command of the built product to its end. */
export function runCommand(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<CommandResult> {
  const child = spawnProduct(args, options.cwd, options.env ?? {});
  return collect(child);
}

function spawnProduct(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  main = MAIN,
): ChildProcess {
  if (!existsSync(main)) throw new Error('the product is not built: run `npm run build` first');
  return spawn(process.execPath, [main, ...args], { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
}

function collect(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** A process of the built product that runs until it is ended. */
export class ProductProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<CommandResult>;
  readonly #waiting = new Set<() => void>();
  #output = '';
  #errors = '';

  constructor(options: ProcessOptions) {
    this.#child = spawnProduct(options.args ?? [], options.cwd, options.env ?? {}, options.main);
    this.#ended = collect(this.#child);
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString('utf8');
      for (const look of this.#waiting) look();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('utf8');
      for (const look of this.#waiting) look();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get errors(): string {
    return this.#errors;
  }

  /** The first match in what it printed, now or later; rejects when it ends before. */
  find(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#find(pattern, () => this.#output);
  }

  /** The same on standard error. */
  findError(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#find(pattern, () => this.#errors);
  }

  #find(pattern: RegExp, said: () => string): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(said());
        if (match === null) return;
        this.#waiting.delete(look);
        resolve(match);
      };
      this.#waiting.add(look);
      look();
      void this.#ended.then((result) =>
        reject(new Error(`ended with ${result.code} before ${pattern.source}: ${result.stderr}`)),
      );
    });
  }

  end(signal: NodeJS.Signals = 'SIGINT'): Promise<CommandResult> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return this.#ended;
  }

  get ended(): Promise<CommandResult> {
    return this.#ended;
  }
}

export interface ProcessOptions {
  readonly cwd: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** The entry of another build. */
  readonly main?: string;
}

/** A daemon of the built product, as `npm start` runs it. */
export class DaemonProcess extends ProductProcess {
  constructor(options: ProcessOptions) {
    super({ ...options, args: ['start', ...(options.args ?? [])] });
  }

  async url(): Promise<string> {
    return (await this.find(/API\s+(http:\S+)\/v1/))[1] ?? '';
  }

  async adminKey(): Promise<string> {
    return (await this.find(/admin key\s+(bhk_\S+)/))[1] ?? '';
  }

  /** The process that runs the connectors, while there is one. Linux only. */
  get connectorPid(): number | undefined {
    const children = readText(`/proc/${this.pid}/task/${this.pid}/children`).trim().split(' ');
    return children.map(Number).find((pid) => readText(`/proc/${pid}/cmdline`).includes('child.js'));
  }

  /** Sends a signal to the process that runs the connectors, and tells its id. Throws where there is none. */
  signalConnector(signal: NodeJS.Signals): number {
    const pid = this.connectorPid;
    if (pid === undefined) throw new Error('no connector runs');
    process.kill(pid, signal);
    return pid;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
