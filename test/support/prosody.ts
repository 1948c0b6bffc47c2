import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { freePort } from './free-port.ts';

const POLL_MS = 20;
const START_TIMEOUT_MS = 20_000;
/** The only domain of the server. */
export const PROSODY_DOMAIN = 'localhost';

/** A Prosody server of its own, on loopback, with its files in a temporary folder. */
export interface Prosody {
  readonly port: number;
  addUser(name: string, password: string): void;
  /** Whoever is connected stays so; the next login is refused. */
  removeUser(name: string): void;
  stop(): Promise<void>;
}

/**
 * Starts it; `scram: false` leaves out the mechanism whose half second of arithmetic each login costs. `program` comes from `findProgram('prosody', 'prosody')`. Resolves when it takes connections.
 */
export async function startProsody(program: string, options: { scram: boolean }): Promise<Prosody> {
  const dir = mkdtempSync(join(tmpdir(), 'bellhop-prosody-'));
  const accounts = join(dir, 'data', PROSODY_DOMAIN, 'accounts');
  mkdirSync(accounts, { recursive: true });
  const port = await freePort();
  const config = join(dir, 'prosody.cfg.lua');
  writeFileSync(config, configOf(dir, port, options.scram));
  const child = spawn(program, ['--root', '-F', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed); // a test run that breaks off leaves no server behind
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const end = systemClock.monotonic() + START_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || systemClock.monotonic() > end) {
      child.kill('SIGKILL');
      throw new Error(`prosody did not start: ${said.join('')}`);
    }
    await sleep(systemClock, POLL_MS);
  }
  return {
    port,
    addUser: (name, password) =>
      writeFileSync(join(accounts, `${name}.dat`), `return { ["password"] = "${password}"; };`),
    removeUser: (name) => rmSync(join(accounts, `${name}.dat`)),
    stop: async () => {
      killed(); // it has nothing to save that anybody wants
      process.off('exit', killed);
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function configOf(dir: string, port: number, scram: boolean): string {
  return `
run_as_root = true
pidfile = "${dir}/prosody.pid"
data_path = "${dir}/data"
modules_enabled = { "roster", "saslauth", "disco", "ping", "smacks" }
modules_disabled = { "s2s" }
c2s_ports = { ${port} }
c2s_interfaces = { "127.0.0.1" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
${scram ? '' : 'disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" }'}
storage = "internal"
smacks_hibernation_time = 60
log = { { levels = { min = "warn" }, to = "console" } }
VirtualHost "${PROSODY_DOMAIN}"
`;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
