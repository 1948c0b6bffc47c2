import type { TlObject, TlValue } from '../../../tl.ts';
import { RpcError } from '../../rpc.ts';
import { bytesOf, objectOf } from '../fields.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import type { AccountRecord, Authorization } from '../state.ts';

/** How long its owner has to appeal until a frozen account is deleted. */
const FREEZE_SECONDS = 30 * 24 * 60 * 60;

/** Methods of a key that need not be logged in. */
export type OpenMethodTable = Readonly<Record<string, (call: TlObject, authorization: Authorization) => TlValue>>;

export function loginMethods({ desk }: WorldParts): OpenMethodTable {
  return {
    'auth.sendCode': (call, authorization) => desk.sendCode(authorization, call),
    'auth.resendCode': () => {
      throw new RpcError(400, 'SEND_CODE_UNAVAILABLE');
    },
    'auth.cancelCode': () => true,
    'auth.signIn': (call, authorization) => desk.signIn(authorization, call),
    'account.getPassword': (_call, authorization) => desk.password(authorization),
    'auth.checkPassword': (call, authorization) => desk.checkPassword(authorization, call),
    'auth.exportLoginToken': (call, authorization) => desk.exportLoginToken(authorization, call),
    'auth.importLoginToken': (call, authorization) => desk.importLoginToken(authorization, call),
    'auth.importAuthorization': (call, authorization) => desk.importAuthorization(authorization, call),
  };
}

/** What an account's session says of itself. */
export function sessionMethods(parts: WorldParts): MethodTable {
  const { authorizations, desk } = parts;
  return {
    'auth.logOut': (_call, { authorization }) => {
      authorizations.logOut(authorization);
      return { _: 'auth.loggedOut' };
    },
    'auth.exportAuthorization': (call, { account, authorization }) =>
      desk.exportAuthorization(account, authorization, call),
    'help.getAppConfig': (_call, { account }) => appConfig(account, parts.exchange.now()),
    'auth.acceptLoginToken': (call, caller) => acceptToken(parts, caller, bytesOf(call, 'token')),
  };
}

/** What works on any data centre. */
export function fileMethods({ files }: WorldParts): MethodTable {
  return {
    'upload.saveFilePart': (call, { account }) => files.savePart(account.id, call),
    'upload.saveBigFilePart': (call, { account }) => files.savePart(account.id, call),
    'upload.getFile': (call, { authorization }) => files.read(call, objectOf(call, 'location'), authorization.dcId),
  };
}

function acceptToken(parts: WorldParts, { account }: Caller, token: Uint8Array): TlObject {
  const keyId = parts.desk.acceptLoginToken(account, token);
  parts.wire.push(keyId, { _: 'updateShort', update: { _: 'updateLoginToken' }, date: parts.exchange.now() });
  return {
    _: 'authorization',
    hash: 1n,
    deviceModel: '',
    platform: '',
    systemVersion: '',
    apiId: 0,
    appName: '',
    appVersion: '',
    dateCreated: parts.exchange.now(),
    dateActive: parts.exchange.now(),
    ip: '127.0.0.1',
    country: '',
    region: '',
  };
}

/** The configuration of apps, of which clients here heed one thing: whether the account is frozen. JSON in TL. */
function appConfig({ standing }: AccountRecord, now: number): TlObject {
  const number = (key: string, value: number): TlObject => ({
    _: 'jsonObjectValue',
    key,
    value: { _: 'jsonNumber', value },
  });
  const frozen =
    standing === 'frozen' ? [number('freeze_since_date', now), number('freeze_until_date', now + FREEZE_SECONDS)] : [];
  const value = [number('chat_read_mark_expire_period', 604_800), ...frozen];
  return { _: 'help.appConfig', hash: 1, config: { _: 'jsonObject', value } };
}
