import type { LoginStep } from '../connector-api/index.ts';
import { sandboxSettings } from '../daemon/sandbox-guard.ts';
import type { EngineApi } from '../engine/engine-api.ts';
import type { Principal } from '../engine/model/access.ts';
import type { Store } from '../engine/ports/index.ts';
import { exitCodes } from './exit-codes.ts';
import type { SandboxChild } from './sandbox-child.ts';
import { CommandError } from './terminal.ts';

/** The session that a first start links to the sandbox's hotel. */
export const SANDBOX_SESSION = 'front-desk';

/** Links the hotel's simulated number through the real road: a QR code from the API, scanned by the phone in the box. */
export async function linkSandbox(parts: {
  engine: EngineApi;
  store: Store;
  principal: Principal;
  sandbox: SandboxChild;
}): Promise<void> {
  const { engine, store, principal, sandbox } = parts;
  const existing = await store.getSession(SANDBOX_SESSION);
  if (existing !== null && existing.account !== null && sandbox.ready.linked) return;
  if (existing !== null) await engine.sessions.remove(principal, SANDBOX_SESSION);
  await engine.sessions.create(principal, { id: SANDBOX_SESSION, channel: 'whatsapp', settings: sandboxSettings });
  const { step } = await engine.sessions.beginLink(principal, SANDBOX_SESSION, { method: 'qr' });
  await sandbox.scan(qrOf(step));
}

function qrOf(step: LoginStep): string {
  if (step.type === 'display' && step.display === 'qr') return step.data;
  throw new CommandError(exitCodes.failed, 'The sandbox expected a QR code and was asked for something else.');
}
