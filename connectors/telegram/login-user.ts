import { LoginError } from '../../src/connector-api/index.ts';
import { readAddress } from './ids.ts';
import { SIGN_UP_NEEDED, toLoginError } from './login-errors.ts';
import type { LoginLine } from './login-line.ts';
import type { LoginSteps } from './login-steps.ts';
import { RpcFailure } from './mtproto/client.ts';
import { readWord } from './rpc-word.ts';
import type { TlObject } from './tl.ts';
import { isObject, objectAt, textAt } from './tl-fields.ts';

/** What the ways of logging in work with. */
export interface UserLoginDeps {
  readonly line: LoginLine;
  readonly steps: LoginSteps;
  readonly apiId: number;
  readonly apiHash: string;
  /** Aborts when the login is cancelled. */
  readonly signal: AbortSignal;
}

/** The `user` that has logged in. Each way of logging in ends with it, or rejects. */
export type LoggedIn = TlObject;

const PASSWORD_NEEDED = 'SESSION_PASSWORD_NEEDED';
const NOT_A_NUMBER = 'Expected the phone number in E.164 as in +4915112345678.';

/** Where the code is to be looked for, by the type of `auth.sentCode`. What is missing cannot be typed. */
const CODE_PLACES: Readonly<Record<string, string>> = {
  'auth.sentCodeTypeApp': 'Code that Telegram has sent to the app on your other devices',
  'auth.sentCodeTypeSms': 'Code that Telegram has sent by SMS',
  'auth.sentCodeTypeSmsWord': 'Word that Telegram has sent by SMS',
  'auth.sentCodeTypeSmsPhrase': 'Sentence that Telegram has sent by SMS',
  'auth.sentCodeTypeCall': 'Code that Telegram tells by phone call',
  'auth.sentCodeTypeMissedCall': 'Last digits of the number that has just called',
  'auth.sentCodeTypeEmailCode': 'Code that Telegram has sent to the e-mail address of the account',
  'auth.sentCodeTypeFragmentSms': 'Code that is shown on fragment.com',
};

const isWord = (error: unknown, ...words: readonly string[]): boolean =>
  error instanceof RpcFailure && words.includes(readWord(error.text).word);

/** Calls and wants an object back. */
export async function ask(deps: UserLoginDeps, call: TlObject): Promise<TlObject> {
  const answer = await deps.line.invoke(call, deps.signal);
  if (isObject(answer)) return answer;
  throw new LoginError('network', 'Telegram gave an answer that makes no sense here.');
}

/** Phone number, code, and the two-step password where there is one. */
export async function logInByCode(deps: UserLoginDeps, givenPhone: string | undefined): Promise<LoggedIn> {
  const { phone, sent } = await sendCode(deps, givenPhone);
  const authorization = objectAt(sent, 'authorization');
  if (authorization !== undefined) return userOf(authorization); // Telegram knew the device again
  const type = objectAt(sent, 'type')?._ ?? '';
  const label = CODE_PLACES[type];
  if (label === undefined) {
    throw new LoginError(
      'rejected',
      `Telegram wants to send the code in a way that is not known here (${type}). Link by QR code.`,
    );
  }
  const phoneCodeHash = textAt(sent, 'phoneCodeHash') ?? '';
  let typed = await deps.steps.ask({ id: 'code', label });
  for (;;) {
    const code = tidy(typed);
    const proof =
      type === 'auth.sentCodeTypeEmailCode'
        ? { emailVerification: { _: 'emailVerificationCode', code } }
        : { phoneCode: code };
    try {
      return userOf(await ask(deps, { _: 'auth.signIn', phoneNumber: phone, phoneCodeHash, ...proof }));
    } catch (error) {
      if (isWord(error, PASSWORD_NEEDED)) return logInByPassword(deps);
      if (!isWord(error, 'PHONE_CODE_INVALID', 'PHONE_CODE_EMPTY', 'CODE_INVALID')) throw error;
      typed = await deps.steps.askAgain(toLoginError(error));
    }
  }
}

/** Codes of digits may be typed as Telegram shows them, in groups. */
const tidy = (typed: string): string => (/^[\d\s-]+$/.test(typed) ? typed.replaceAll(/[\s-]/g, '') : typed);

/** A number that was given with the login is not asked for again: whoever gave it is told. */
async function sendCode(
  deps: UserLoginDeps,
  given: string | undefined,
): Promise<{ readonly phone: string; readonly sent: TlObject }> {
  const { steps, apiId, apiHash } = deps;
  let typed = given ?? (await steps.ask({ id: 'phone', label: 'Phone number of the account, E.164' }));
  for (;;) {
    const refusal = readAddress(typed)?.type === 'phone' ? undefined : new LoginError('rejected', NOT_A_NUMBER);
    try {
      if (refusal !== undefined) throw refusal;
      const settings = { _: 'codeSettings' };
      const sent = await ask(deps, { _: 'auth.sendCode', phoneNumber: typed.slice(1), apiId, apiHash, settings });
      return { phone: typed.slice(1), sent };
    } catch (error) {
      const isMistyped = refusal !== undefined || isWord(error, 'PHONE_NUMBER_INVALID');
      if (given !== undefined || !isMistyped) throw error;
      typed = await steps.askAgain(toLoginError(error));
    }
  }
}

/** The second step of an account that has one, whichever way the first was taken. */
export async function logInByPassword(deps: UserLoginDeps): Promise<LoggedIn> {
  let password = await ask(deps, { _: 'account.getPassword' });
  const hint = textAt(password, 'hint');
  const label = hint === undefined ? 'Two-step password' : `Two-step password (hint: ${hint})`;
  let typed = await deps.steps.ask({ id: 'password', label });
  for (;;) {
    const proof = await deps.line.provePassword(password, typed, deps.signal);
    try {
      return userOf(await ask(deps, { _: 'auth.checkPassword', password: proof }));
    } catch (error) {
      const isStale = isWord(error, 'SRP_ID_INVALID', 'SRP_PASSWORD_CHANGED');
      if (!isStale && !isWord(error, 'PASSWORD_HASH_INVALID', 'FLOOD_WAIT')) throw error;
      if (!isStale) typed = await deps.steps.askAgain(toLoginError(error));
      password = await ask(deps, { _: 'account.getPassword' }); // each proof is good for one question
    }
  }
}

export const needsPassword = (error: unknown): boolean => isWord(error, PASSWORD_NEEDED);

/** Of an `auth.Authorization`. */
export function userOf(authorization: TlObject): LoggedIn {
  if (authorization._ === 'auth.authorizationSignUpRequired') throw new LoginError('rejected', SIGN_UP_NEEDED);
  const user = objectAt(authorization, 'user');
  if (user === undefined) throw new LoginError('network', 'Telegram named no account.');
  return user;
}
