import { LoginError } from '../../src/connector-api/index.ts';
import { CallLost, OpenFailure, RpcFailure } from './mtproto/client.ts';
import { isServerTrouble, readWord, waitOf } from './rpc-word.ts';

const MS_PER_MINUTE = 60_000;

export const NO_API_ID =
  'channels.telegram.apiId and channels.telegram.apiHash are not set. Make them at https://my.telegram.org (API development tools), with the number of the account or any other.';

export const SIGN_UP_NEEDED =
  'There is no Telegram account with this number. Make one in the Telegram app first; Bellhop opens no accounts.';

const NO_LINE = 'Telegram could not be reached';
const TOO_MANY_CODES = 'Too many codes were asked for with this number. Wait a day, then try again.';

/** Refusals whose reason a person can do something about. `expired` = a new login may do. */
const BY_WORD: ReadonlyMap<string, readonly [LoginError['code'], string]> = new Map([
  [
    'API_ID_INVALID',
    ['rejected', 'Telegram does not know channels.telegram.apiId and apiHash; see https://my.telegram.org.'],
  ],
  [
    'API_ID_PUBLISHED_FLOOD',
    ['rejected', 'This apiId is used by too many. Make one of your own at https://my.telegram.org.'],
  ],
  [
    'PHONE_NUMBER_INVALID',
    ['rejected', 'Telegram takes this for no phone number. Expected E.164 as in +4915112345678.'],
  ],
  [
    'PHONE_NUMBER_BANNED',
    ['rejected', 'Telegram has banned this number. Its owner can write to recover@telegram.org.'],
  ],
  ['PHONE_NUMBER_UNOCCUPIED', ['rejected', SIGN_UP_NEEDED]],
  ['PHONE_NUMBER_FLOOD', ['rejected', TOO_MANY_CODES]],
  ['PHONE_PASSWORD_FLOOD', ['rejected', TOO_MANY_CODES]],
  ['PHONE_PASSWORD_PROTECTED', ['rejected', 'This number is protected in another way. Link by QR code.']],
  ['PHONE_CODE_INVALID', ['rejected', 'The code is not right.']],
  ['PHONE_CODE_EMPTY', ['rejected', 'The code is not right.']],
  ['CODE_INVALID', ['rejected', 'The code is not right.']],
  ['PHONE_CODE_EXPIRED', ['expired', 'The code has expired; a new one is sent.']],
  ['PASSWORD_HASH_INVALID', ['rejected', 'The two-step password is not right.']],
  ['AUTH_TOKEN_EXPIRED', ['expired', 'The QR code has expired.']],
  ['AUTH_TOKEN_INVALID', ['expired', 'The QR code has expired.']],
  ['AUTH_TOKEN_ALREADY_ACCEPTED', ['expired', 'The QR code was used already.']],
  ['USER_DEACTIVATED_BAN', ['rejected', 'Telegram has closed this account.']],
  ['USER_DEACTIVATED', ['rejected', 'This account was deleted.']],
  [
    'UPDATE_APP_TO_LOGIN',
    ['rejected', 'Telegram wants a newer client for new links than this release has. Upgrade Bellhop.'],
  ],
]);

/** What is told of a failed login. Texts are for the person at the keyboard, and hold nothing that was typed. */
export function toLoginError(error: unknown): LoginError {
  if (error instanceof LoginError) return error;
  if (error instanceof RpcFailure) return fromFailure(error);
  if (error instanceof OpenFailure) {
    const { end } = error;
    return end.type === 'refused' ? fromFailure(end.failure) : new LoginError('network', `${NO_LINE} (${end.type})`);
  }
  return error instanceof CallLost
    ? new LoginError('network', `${NO_LINE} (${error.reason})`)
    : new LoginError('network');
}

function fromFailure(failure: RpcFailure): LoginError {
  const { word } = readWord(failure.text);
  const known = BY_WORD.get(word);
  if (known !== undefined) return new LoginError(...known);
  const waitMs = waitOf(failure);
  if (waitMs !== undefined) {
    const minutes = Math.max(1, Math.ceil(waitMs / MS_PER_MINUTE));
    return new LoginError(
      'rejected',
      `Telegram asks to wait ${minutes} min before this is tried again (${failure.text}).`,
    );
  }
  return isServerTrouble(failure)
    ? new LoginError('network', 'Telegram has trouble itself.')
    : new LoginError('rejected', `Telegram refused: ${failure.text}`);
}
