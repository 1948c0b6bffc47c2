import type { LoginStep } from '../connector-api/index.ts';
import { sandboxSettings } from '../daemon/sandbox-guard.ts';
import type { EngineApi } from '../engine/engine-api.ts';
import type { Principal } from '../engine/model/access.ts';
import type { Store } from '../engine/ports/index.ts';
import { exitCodes } from './exit-codes.ts';
import type { SandboxChild } from './sandbox-child.ts';
import { CommandError } from './terminal.ts';

/** The sessions that a first start links to the sandbox's hotel. */
export const SANDBOX_SESSION = 'front-desk';
export const SANDBOX_TELEGRAM_SESSION = 'front-desk-telegram';

interface Parts {
  readonly engine: EngineApi;
  readonly store: Store;
  readonly principal: Principal;
  readonly sandbox: SandboxChild;
}

/** Links the hotel's simulated accounts through the real road: a QR code from the API, scanned by the phone in the box. */
export async function linkSandbox(parts: Parts): Promise<void> {
  const { linked, telegram } = parts.sandbox.ready;
  await linkOne(parts, { id: SANDBOX_SESSION, channel: 'whatsapp', isLinked: linked });
  if (telegram !== null)
    await linkOne(parts, { id: SANDBOX_TELEGRAM_SESSION, channel: 'telegram', isLinked: telegram.linked });
}

async function linkOne(
  { engine, store, principal, sandbox }: Parts,
  { id, channel, isLinked }: { id: string; channel: 'whatsapp' | 'telegram'; isLinked: boolean },
): Promise<void> {
  const existing = await store.getSession(id);
  if (existing !== null && existing.account !== null && isLinked) return;
  if (existing !== null) await engine.sessions.remove(principal, id);
  await engine.sessions.create(principal, { id, channel, settings: sandboxSettings });
  const { step } = await engine.sessions.beginLink(principal, id, { method: 'qr' });
  await sandbox.scan(channel, qrOf(step));
}

function qrOf(step: LoginStep): string {
  if (step.type === 'display' && step.display === 'qr') return step.data;
  throw new CommandError(exitCodes.failed, 'The sandbox expected a QR code and was asked for something else.');
}
