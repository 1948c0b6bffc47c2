import { MemoryStorage, TelegramClient } from '@mtcute/node';
import type { BareClient, BareOptions } from './telegram-library.ts';

/** mtcute as it comes, with its storage in memory. */
export async function createMtcute({ config, account, onMessage }: BareOptions): Promise<BareClient> {
  const { apiId = 0, apiHash = '', endpoint } = config;
  if (endpoint === undefined) throw new Error('no endpoint');
  const dc = { ipAddress: endpoint.host, port: endpoint.port, id: account.dcId };
  const defaultDcs = { main: dc, media: dc };
  const client = new TelegramClient({ apiId, apiHash, storage: new MemoryStorage(), defaultDcs, logLevel: 0 });
  const self = { userId: Number(account.id), isBot: false, isPremium: false, usernames: [] };
  return {
    connect: async () => {
      client.onNewMessage.add((message) => {
        if (!message.isOutgoing) onMessage();
      });
      await client.importSession({ primaryDcs: defaultDcs, self, authKey: Buffer.from(account.authKey, 'base64') });
      await client.connect();
      await client.getMe();
      await client.startUpdatesLoop();
    },
    send: async (text) => {
      await client.sendText(Number(account.guestId), text);
    },
    close: () => client.destroy(),
  };
}
