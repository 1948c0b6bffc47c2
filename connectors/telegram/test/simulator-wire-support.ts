import { addPublicKey } from '@mtcute/core/utils.js';
import { BaseTelegramClient, MemoryStorage } from '@mtcute/node';
import { NodeCryptoProvider } from '@mtcute/node/utils.js';
import { TelegramClient } from 'telegram';
import { _serverKeys as gramjsKeys } from 'telegram/crypto/RSA.js';
import { PromisedNetSockets } from 'telegram/extensions/index.js';
import { Logger, LogLevel } from 'telegram/extensions/Logger.js';
import { returnBigInt } from 'telegram/Helpers.js';
import { StringSession } from 'telegram/sessions/index.js';
import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { readServerKey } from '../mtproto/server-keys.ts';
import { MtprotoServer } from '../simulator/mtproto-server.ts';
import type { CallContext, RpcHandler } from '../simulator/rpc.ts';
import { RpcError } from '../simulator/rpc.ts';
import type { TlCodec } from '../simulator/tl/codec.ts';
import { loadCodecs } from '../simulator/tl/installed-schemas.ts';
import { RsaKey } from '../simulator/wire/rsa-key.ts';
import type { TlObject, TlValue } from '../tl.ts';

const codecs = await loadCodecs();
const rsa = await RsaKey.generate(); // for all servers of a test file: making one takes long

export const DC = 2;
export const API_HASH = '0123456789abcdef0123456789abcdef';

/** Somebody types. */
export const typing = {
  _: 'updateShort',
  update: { _: 'updateUserTyping', userId: 5n, action: { _: 'sendMessageTypingAction' } },
  date: 3,
};

/** A world that knows a handful of calls, and remembers all of them. */
export class SmallWorld implements RpcHandler {
  readonly calls: { readonly call: TlObject; readonly context: CallContext }[] = [];
  readonly #answers = new Map<string, (call: TlObject, context: CallContext) => Promise<TlValue> | TlValue>();
  #heard: { readonly method: string; readonly resolve: () => void }[] = [];

  constructor() {
    this.on('help.getNearestDc', (_call, { key }) => ({
      _: 'nearestDc',
      country: 'DE',
      thisDc: key.dcId,
      nearestDc: DC,
    }));
    this.on('updates.getState', () => ({ _: 'updates.state', pts: 1, qts: 0, date: 1, seq: 0, unreadCount: 0 }));
    this.on('messages.setTyping', () => true);
    this.on('users.getUsers', () => [
      { _: 'user', self: true, id: 77n, accessHash: 5n, firstName: 'Ann', phone: '4915112345678' },
    ]);
  }

  on(method: string, answer: (call: TlObject, context: CallContext) => Promise<TlValue> | TlValue): void {
    this.#answers.set(method, answer);
  }

  handle(call: TlObject, context: CallContext): Promise<TlValue> | TlValue {
    this.calls.push({ call, context });
    const heard = this.#heard.filter(({ method }) => method === call._);
    this.#heard = this.#heard.filter(({ method }) => method !== call._);
    for (const { resolve } of heard) resolve();
    const answer = this.#answers.get(call._);
    if (answer === undefined) throw new RpcError(400, 'METHOD_NOT_IN_THIS_WORLD');
    return answer(call, context);
  }

  /** Resolves when the method is called the next time. */
  heard(method: string): Promise<void> {
    return new Promise((resolve) => {
      this.#heard.push({ method, resolve });
    });
  }

  count(method: string): number {
    return this.calls.filter(({ call }) => call._ === method).length;
  }
}

export interface TestServer {
  readonly server: MtprotoServer;
  readonly world: SmallWorld;
}

export async function startServer(clock: Clock = systemClock): Promise<TestServer> {
  const world = new SmallWorld();
  const server = new MtprotoServer({ clock, random: systemRandom, handler: world, dcs: [1, DC], rsa });
  await server.start();
  return { server, world };
}

function codecOf(layer: number): TlCodec {
  const codec = codecs.get(layer);
  if (codec === undefined) throw new Error('not installed');
  return codec;
}

/** The bytes of a call in a layer. */
export function encodeCall(layer: number, call: TlObject): Uint8Array {
  return codecOf(layer).encodeCall(call);
}

export function decodeAnswer(layer: number, method: string, bytes: Uint8Array): TlValue {
  return codecOf(layer).decodeAnswer(method, bytes);
}

/** gramjs as published. It dials port 80 whatever it is told, so its socket class puts the real port in. */
export function createGramjs(server: MtprotoServer): TelegramClient {
  const { fingerprint, modulus, exponent } = readServerKey(server.publicKeyPem);
  gramjsKeys.set(fingerprint, {
    n: returnBigInt(BigInt(`0x${modulus.toString('hex')}`).toString()),
    e: exponent,
  });
  const { host, port } = server.endpoint(DC);
  class Sockets extends PromisedNetSockets {
    override connect(_port: number, ip: string): Promise<unknown> {
      return super.connect(port, ip);
    }
  }
  const session = new StringSession('');
  session.setDC(DC, host, 80);
  const client = new TelegramClient(session, 1, API_HASH, {
    baseLogger: new Logger(LogLevel.NONE),
    networkSocket: Sockets,
    connectionRetries: 5,
    deviceModel: 'Bench',
    systemVersion: '1',
    appVersion: '1.2.3',
  });
  client.onError = () => Promise.resolve(); // else it prints them
  return client;
}

/** mtcute as published. */
export async function createMtcute(server: MtprotoServer, { usePfs = false } = {}): Promise<BaseTelegramClient> {
  const crypto = new NodeCryptoProvider();
  await crypto.initialize();
  addPublicKey(crypto, server.publicKeyPem);
  const { host, port } = server.endpoint(DC);
  const dc = { ipAddress: host, port, id: DC };
  return new BaseTelegramClient({
    apiId: 1,
    apiHash: API_HASH,
    storage: new MemoryStorage(),
    logLevel: 0,
    defaultDcs: { main: dc, media: dc },
    network: { usePfs },
    initConnectionOptions: { deviceModel: 'Bench', systemVersion: '1', appVersion: '1.2.3' },
  });
}
