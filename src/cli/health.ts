import { loadStoreUrl } from '../config/load-config.ts';
import type { CommandContext } from './context.ts';
import { requestOf } from './context.ts';
import { addressFile, readAddress } from './daemon-address.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError } from './terminal.ts';

/** Below the ten seconds that the image's health check has, with the start of the command before it on a busy machine. */
const TIMEOUT_MS = 4_000;

/** `bellhop health`: whether the daemon lives. For containers and monitors, which look at the exit code alone. */
export async function askHealth(context: CommandContext): Promise<void> {
  const url = context.options.url ?? context.environment['BELLHOP_URL'] ?? ownUrl(context);
  if (url === undefined || !(await answers(`${url.replace(/\/$/, '')}/healthz`)))
    throw new CommandError(
      exitCodes.unreachable,
      'No daemon answers.',
      'Look at its log; `bellhop doctor` looks further.',
    );
  context.terminal.out('The daemon answers.');
}

function ownUrl(context: CommandContext): string | undefined {
  return readAddress(addressFile(loadStoreUrl(requestOf(context)), context.workingDir))?.url;
}

async function answers(url: string): Promise<boolean> {
  const { Agent, request } = await import('undici');
  // Nothing is told and nothing believed but a status; the certificate is for a name that this machine may not have.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(TIMEOUT_MS) });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.destroy();
  }
}
