import { TelegramClient } from 'telegram';
import { AuthKey } from 'telegram/crypto/AuthKey.js';
import { NewMessage } from 'telegram/events/index.js';
import { Logger, LogLevel } from 'telegram/extensions/Logger.js';
import { returnBigInt } from 'telegram/Helpers.js';
import { ConnectionTCPFull } from 'telegram/network/connection/TCPFull.js';
import { StringSession } from 'telegram/sessions/index.js';
import type { BareClient, BareOptions } from './telegram-library.ts';

/** gramjs as it comes, but for the port: its client dials 80 whatever the session says. */
export async function createGramjs({ config, account, onMessage }: BareOptions): Promise<BareClient> {
  const { apiId = 0, apiHash = '', endpoint } = config;
  if (endpoint === undefined) throw new Error('no endpoint');
  class Connection extends ConnectionTCPFull {
    constructor(facts: ConstructorParameters<typeof ConnectionTCPFull>[0]) {
      super({ ...facts, port: endpoint?.port ?? 0 });
    }
  }
  const session = new StringSession('');
  const key = new AuthKey();
  await key.setKey(Buffer.from(account.authKey, 'base64'));
  session.setDC(account.dcId, endpoint.host, 80);
  session.setAuthKey(key, account.dcId);
  const client = new TelegramClient(session, apiId, apiHash, {
    connection: Connection,
    baseLogger: new Logger(LogLevel.NONE),
  });
  return {
    connect: async () => {
      client.addEventHandler(onMessage, new NewMessage({ incoming: true }));
      await client.connect();
      await client.getMe(); // else the first message waits for it
    },
    send: async (message) => {
      await client.sendMessage(returnBigInt(account.guestId), { message });
    },
    close: () => client.destroy(),
  };
}
