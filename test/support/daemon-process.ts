import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

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

function spawnProduct(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  if (!existsSync(MAIN)) throw new Error('the product is not built: run `npm run build` first');
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
}

function collect(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** A daemon of the built product, as `npm start` runs it. */
export class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<CommandResult>;
  readonly #waiting = new Set<() => void>();
  #output = '';

  constructor(options: { cwd: string; args?: readonly string[]; env?: Record<string, string> }) {
    this.#child = spawnProduct(['start', ...(options.args ?? [])], options.cwd, options.env ?? {});
    this.#ended = collect(this.#child);
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString('utf8');
      for (const look of this.#waiting) look();
    });
  }

  get output(): string {
    return this.#output;
  }

  /** The first match in what it printed, now or later; rejects when it ends before. */
  find(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.#output);
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

  async url(): Promise<string> {
    return (await this.find(/API\s+(http:\S+)\/v1/))[1] ?? '';
  }

  async adminKey(): Promise<string> {
    return (await this.find(/admin key\s+(bhk_\S+)/))[1] ?? '';
  }

  end(signal: NodeJS.Signals = 'SIGINT'): Promise<CommandResult> {
    if (this.#child.exitCode === null) this.#child.kill(signal);
    return this.#ended;
  }

  get ended(): Promise<CommandResult> {
    return this.#ended;
  }
}
