import type { InitFacts } from '../rpc.ts';
import { RpcError } from '../rpc.ts';

/** Calls with which a new login begins or ends: a client that is too old is refused here, and nowhere else. */
const LOGIN_METHODS: ReadonlySet<string> = new Set([
  'auth.sendCode',
  'auth.signIn',
  'auth.signUp',
  'auth.checkPassword',
  'auth.exportLoginToken',
  'auth.importLoginToken',
  'auth.importBotAuthorization',
]);

/** Which clients the network lets in. May be changed at any time; what was let in stays. */
export class Rules {
  /** Layers outside are refused with CONNECTION_LAYER_INVALID. */
  minLayer = 0;
  maxLayer = Number.POSITIVE_INFINITY;
  /** `app_version`s that may not begin a login (UPDATE_APP_TO_LOGIN). */
  readonly refusedAppVersions = new Set<string>();
  /** The lowest layer that may begin a login (UPDATE_APP_TO_LOGIN). */
  minLoginLayer = 0;

  /** Throws RpcError. */
  judgeInit({ layer, deviceModel, systemVersion, appVersion }: InitFacts): void {
    if (layer < this.minLayer || layer > this.maxLayer) throw new RpcError(400, 'CONNECTION_LAYER_INVALID');
    if (appVersion === '') throw new RpcError(400, 'CONNECTION_APP_VERSION_EMPTY');
    if (deviceModel === '') throw new RpcError(400, 'CONNECTION_DEVICE_MODEL_EMPTY');
    if (systemVersion === '') throw new RpcError(400, 'CONNECTION_SYSTEM_EMPTY');
  }

  /** Throws RpcError. */
  judgeCall(method: string, { layer, appVersion }: InitFacts): void {
    if (!LOGIN_METHODS.has(method)) return;
    if (this.refusedAppVersions.has(appVersion) || layer < this.minLoginLayer)
      throw new RpcError(406, 'UPDATE_APP_TO_LOGIN');
  }
}
