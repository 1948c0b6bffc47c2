import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/core/clock.ts';

const POLL_MS = 20;
const START_TIMEOUT_MS = 20_000;

/** A mail as the server took it. */
export interface ReceivedMail {
  /** By name in lower case, unfolded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** aiosmtpd, an SMTP server of its own authors, on loopback. It keeps what it takes in a Maildir. */
export interface MailServer {
  readonly port: number;
  /** In the order in which they came. */
  mails(): readonly ReceivedMail[];
  /** It is gone; `start` brings it back on the same port with the mails it had. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and deletes its mails. */
  remove(): Promise<void>;
}

/** Who may send, and how safe the line is; absent: everybody, without TLS. */
export interface MailSafety {
  /** `starttls`: as on port 587. `from_the_start`: as on port 465. */
  readonly tls: 'starttls' | 'from_the_start';
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly user: string;
  readonly password: string;
}

/** `program` comes from `findProgram('aiosmtpd', 'python3-aiosmtpd')`. Resolves when it takes connections. */
export async function startMailServer(program: string, safety?: MailSafety): Promise<MailServer> {
  const dir = mkdtempSync(join(tmpdir(), 'bellhop-mail-'));
  const port = await freePort();
  let end: (() => Promise<void>) | undefined;
  const command = commandOf(port, dir, safety);
  const server: MailServer = {
    port,
    mails: () => readMails(join(dir, 'mails', 'new')),
    start: async () => {
      end = await run(program, port, command);
    },
    stop: async () => {
      await end?.();
      end = undefined;
    },
    remove: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

interface Command {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

function commandOf(port: number, dir: string, safety: MailSafety | undefined): Command {
  const args = ['-n', '-l', `127.0.0.1:${port}`];
  const maildir = join(dir, 'mails');
  if (safety === undefined) return { args: [...args, '-c', 'aiosmtpd.handlers.Mailbox', maildir], env: process.env };
  const files = { cert: join(dir, 'server.pem'), key: join(dir, 'server.key') };
  writeFileSync(files.cert, safety.certificatePem);
  writeFileSync(files.key, safety.privateKeyPem);
  const option = safety.tls === 'starttls' ? '--tls' : '--smtps';
  return {
    args: [...args, `${option}cert`, files.cert, `${option}key`, files.key, '-c', 'mail_login.LoginMailbox', maildir],
    env: {
      ...process.env,
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
      MAIL_USER: safety.user,
      MAIL_PASSWORD: safety.password,
    },
  };
}

async function run(program: string, port: number, { args, env }: Command): Promise<() => Promise<void>> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed); // a test run that breaks off leaves no server behind
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const deadline = systemClock.monotonic() + START_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || systemClock.monotonic() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`aiosmtpd did not start: ${said.join('')}`);
    }
    await sleep(systemClock, POLL_MS);
  }
  return async () => {
    killed();
    process.off('exit', killed);
    await gone;
  };
}

function readMails(dir: string): readonly ReceivedMail[] {
  let names: readonly string[];
  try {
    names = readdirSync(dir);
  } catch {
    return []; // none has come yet
  }
  return names
    .map((name) => ({ at: placeOf(name), text: readFileSync(join(dir, name), 'utf8') }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ text }) => parseMail(text));
}

/** A Maildir's names begin with the second, and then count: `1795232690.M123456P42Q7.host`. */
function placeOf(name: string): number {
  const [, seconds = '0', micros = '0'] = /^(\d+)\.M(\d+)P/.exec(name) ?? [];
  return Number(seconds) * 1_000_000 + Number(micros);
}

function parseMail(raw: string): ReceivedMail {
  const mail = raw.replaceAll('\r\n', '\n');
  const blank = mail.indexOf('\n\n');
  const lines = mail
    .slice(0, blank)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = mail.slice(blank + 2);
  return {
    headers,
    text: headers['content-transfer-encoding'] === 'quoted-printable' ? fromQuotedPrintable(body) : body,
  };
}

/** Of ASCII text only, which is what alerts are written in. */
function fromQuotedPrintable(text: string): string {
  return text
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
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
