import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { exitCodes } from './exit-codes.ts';
import { type SandboxLine, type SandboxReady, sandboxMessage } from './sandbox-messages.ts';
import { CommandError } from './terminal.ts';

/** The sandbox as a process of its own: it must not share a fate, or an event loop, with the daemon it is a network for. */
export interface SandboxChild {
  readonly ready: SandboxReady;
  /** The hotel's phone scans this QR code, with its WhatsApp or its Telegram. */
  scan(channel: 'whatsapp' | 'telegram', qr: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startSandboxChild(options: {
  stateDir: string;
  workingDir: string;
  tell: (line: SandboxLine) => void;
}): Promise<SandboxChild> {
  const isSource = import.meta.url.endsWith('.ts');
  const main = new URL(isSource ? '../main.ts' : '../main.js', import.meta.url);
  const child = fork(main, ['sandbox', '--json', '--state', options.stateDir], {
    cwd: options.workingDir,
    execArgv: isSource ? ['--import', createRequire(import.meta.url).resolve('tsx')] : [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ready = await new Promise<SandboxReady>((done, fail) => {
    child.once('exit', () =>
      fail(new CommandError(exitCodes.failed, 'The sandbox did not start.', 'Run `bellhop sandbox` to see why.')),
    );
    readLines(child, (text) => {
      const message = sandboxMessage.safeParse(parse(text));
      if (!message.success) return;
      if (message.data.type === 'line') options.tell(message.data.line);
      else done(message.data);
    });
  });
  return {
    ready,
    async scan(channel, qr) {
      const { request } = await import('undici');
      const controlUrl = channel === 'telegram' ? ready.telegram?.controlUrl : ready.address.controlUrl;
      const answer = await request(`${controlUrl ?? ''}/phone/scan`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ qr }),
      });
      await answer.body.dump();
      if (answer.statusCode !== 200)
        throw new CommandError(exitCodes.failed, 'The simulated phone could not scan the code.');
    },
    stop: () => end(child),
  };
}

function readLines(child: ChildProcess, take: (text: string) => void): void {
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', take);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The child saves its people and ends when its line to us closes. */
function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    if (child.connected) child.disconnect();
    else child.kill('SIGTERM');
  });
}
