import type { LoginFlow } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { TelegramLogin } from '../login.ts';
import { LoginLine } from '../login-line.ts';
import type { ClientOptions, EngineName } from '../mtproto/client.ts';
import { describeUser } from '../own-user.ts';
import type { StoredAccount } from '../stored-account.ts';
import type { TlObject } from '../tl.ts';
import { rungs } from '../versions.ts';
import { ScriptedClient } from './scripted-client.ts';

export const DESK = { _: 'user', id: 55n, self: true, firstName: 'Grand', lastName: 'Hotel', phone: '4915550001' };
export const AUTHORIZATION: TlObject = { _: 'auth.authorization', user: DESK };
export const SENT_CODE: TlObject = {
  _: 'auth.sentCode',
  type: { _: 'auth.sentCodeTypeApp', length: 5 },
  phoneCodeHash: 'hash',
};

/** A login whose every client is scripted. */
export class LoginBench {
  readonly clock = new VirtualClock();
  /** What each client was made with, in order. */
  readonly opened: { readonly engine: EngineName; readonly options: ClientOptions; readonly client: ScriptedClient }[] =
    [];
  readonly kept: StoredAccount[] = [];
  readonly life = new AbortController();
  /** Writes the script of each new client. */
  readonly #script: (client: ScriptedClient, options: ClientOptions, engine: EngineName) => void;
  verifyToken: (token: string) => Promise<StoredAccount> = () => Promise.reject(new Error('no bots here'));
  keep: (account: StoredAccount) => void = (account) => this.kept.push(account);

  constructor(script: (client: ScriptedClient, options: ClientOptions, engine: EngineName) => void) {
    this.#script = script;
  }

  begin(flow: LoginFlow): TelegramLogin {
    const { clock } = this;
    const announcement = {
      deviceModel: 'Desk',
      systemVersion: 'Linux',
      appVersion: '1',
      langCode: 'en',
      systemLangCode: 'en',
    };
    return new TelegramLogin({
      flow,
      clock,
      signal: this.life.signal,
      api: () => ({ apiId: 1, apiHash: 'hash' }),
      openLine: (onUpdates) =>
        new LoginLine({
          rungs: rungs({}),
          onUpdates,
          options: () => ({
            apiId: 1,
            apiHash: 'hash',
            announcement,
            clock,
            random: seededRandom(1),
            log: silentLogger,
          }),
          loadEngine: async (name) => ({ name, layer: 1, createClient: (options) => this.#create(name, options) }),
        }),
      describe: (user, line) => ({
        kind: 'user',
        ...describeUser(user),
        dcId: line.key.dcId,
        authKey: Buffer.from(line.key.authKey).toString('base64'),
        announcement,
      }),
      verifyToken: (token) => this.verifyToken(token),
      keep: (account) => this.keep(account),
    });
  }

  called(method: string): readonly TlObject[] {
    return this.opened.flatMap(({ client }) => client.called(method));
  }

  #create(engine: EngineName, options: ClientOptions): ScriptedClient {
    const client = new ScriptedClient();
    if (options.key !== undefined) client.ownKey = options.key;
    else if (options.dcId !== undefined) client.ownKey = { ...client.ownKey, dcId: options.dcId };
    this.#script(client, options, engine);
    this.opened.push({ engine, options, client });
    return client;
  }
}
