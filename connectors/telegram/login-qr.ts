import { LoginError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { sleep } from '../../src/core/clock.ts';
import type { LoggedIn, UserLoginDeps } from './login-user.ts';
import { ask, logInByPassword, needsPassword, userOf } from './login-user.ts';
import type { TlObject } from './tl.ts';
import { bytesAt, numberAt, objectAt } from './tl-fields.ts';

/** Telegram's codes live 30 s; the clock of this machine may be wrong, so that what it computes is kept within reason. */
const SHORTEST_LIFE_MS = 5_000;
const LONGEST_LIFE_MS = 60_000;
/** Before a connection that broke is made anew. */
const LOST_PAUSE_MS = 1_000;
const MS_PER_SECOND = 1000;

export interface QrLoginDeps extends UserLoginDeps {
  readonly clock: Clock;
  /** Resolves when Telegram says that a phone has scanned (`updateLoginToken`). Asked anew for each code. */
  readonly scanned: () => Promise<void>;
}

/** Shows one code after the other until a phone has scanned one. */
export async function logInByQr(deps: QrLoginDeps): Promise<LoggedIn> {
  const { apiId, apiHash } = deps;
  for (;;) {
    const scanned = deps.scanned();
    const answer = await askForToken(deps, { _: 'auth.exportLoginToken', apiId, apiHash, exceptIds: [] });
    if (answer === 'password') return logInByPassword(deps);
    const authorization = objectAt(answer, 'authorization');
    if (authorization !== undefined) return userOf(authorization);
    const token = bytesAt(answer, 'token');
    if (answer._ !== 'auth.loginToken' || token === undefined) {
      throw new LoginError('network', 'Telegram gave no code.');
    }
    const lifeMs = lifeOf(answer, deps.clock.now());
    deps.steps.show(`tg://login?token=${Buffer.from(token).toString('base64url')}`, deps.clock.now() + lifeMs);
    await wait(deps, scanned, lifeMs);
  }
}

/** Follows the account to its home. */
async function askForToken(deps: QrLoginDeps, call: TlObject): Promise<TlObject | 'password'> {
  try {
    const answer = await ask(deps, call);
    const dcId = numberAt(answer, 'dcId');
    if (answer._ !== 'auth.loginTokenMigrateTo' || dcId === undefined) return answer;
    await deps.line.moveTo(dcId);
    return await ask(deps, { _: 'auth.importLoginToken', token: bytesAt(answer, 'token') });
  } catch (error) {
    if (needsPassword(error)) return 'password';
    throw error;
  }
}

/** Until the code was scanned, has expired, or nobody would hear of it any more. */
async function wait(deps: QrLoginDeps, scanned: Promise<void>, lifeMs: number): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([deps.signal, over.signal]);
  const pause = (ms: number): Promise<void> => sleep(deps.clock, ms, either).catch(() => undefined);
  try {
    await Promise.race([scanned, deps.line.whenLost().then(() => pause(LOST_PAUSE_MS)), pause(lifeMs)]);
  } finally {
    over.abort();
  }
  if (deps.signal.aborted) throw new LoginError('cancelled');
}

function lifeOf(answer: TlObject, now: number): number {
  const lifeMs = (numberAt(answer, 'expires') ?? 0) * MS_PER_SECOND - now;
  return Math.min(LONGEST_LIFE_MS, Math.max(SHORTEST_LIFE_MS, lifeMs));
}
