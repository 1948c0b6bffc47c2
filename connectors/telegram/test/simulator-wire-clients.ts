import { addPublicKey } from '@mtcute/core/utils.js';
import { BaseTelegramClient, MemoryStorage } from '@mtcute/node';
import { NodeCryptoProvider } from '@mtcute/node/utils.js';
import { TelegramClient } from 'telegram';
import { _serverKeys as gramjsKeys } from 'telegram/crypto/RSA.js';
import { Logger, LogLevel } from 'telegram/extensions/Logger.js';
import { PromisedNetSockets } from 'telegram/extensions/PromisedNetSockets.js';
import { returnBigInt } from 'telegram/Helpers.js';
import { StringSession } from 'telegram/sessions/index.js';
import { readServerKey } from '../mtproto/server-keys.ts';
import type { MtprotoServer } from '../simulator/mtproto-server.ts';
import { DC } from './simulator-wire-support.ts';

const API_HASH = '0123456789abcdef0123456789abcdef';

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
