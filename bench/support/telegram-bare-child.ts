import type { TelegramConfig } from '../../connectors/telegram/config.ts';
import { collectGarbage } from './garbage.ts';
import { serve } from './remote.ts';
import { Arrivals } from './telegram-arrivals.ts';
import type { BareClient, LibraryName } from './telegram-library.ts';
import type { LinkedAccount } from './telegram-network-child.ts';

const CONNECTING_AT_ONCE = 4;

const clients: BareClient[] = [];
const arrivals = new Arrivals();

const services = {
  /** Only the one library is loaded. Resolves when all of them are connected. */
  connect: async (facts: { library: LibraryName; config: TelegramConfig; accounts: readonly LinkedAccount[] }) => {
    const { library, config, accounts } = facts;
    const create =
      library === 'gramjs'
        ? (await import('./telegram-bare-gramjs.ts')).createGramjs
        : (await import('./telegram-bare-mtcute.ts')).createMtcute;
    const waiting = [...accounts];
    const work = async (): Promise<void> => {
      for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
        const client = await create({ config, account, onMessage: () => arrivals.note() });
        clients.push(client);
        await client.connect();
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, work));
  },
  /** When so many messages have come to the handlers: shared microseconds. */
  reach: (total: number) => arrivals.reach(total),
  /** Each client sends so many, one after the other; the clients side by side. */
  send: async (each: number) => {
    const run = async (client: BareClient): Promise<void> => {
      for (let index = 0; index < each; index += 1) await client.send(`Answer ${index}: they are on their way.`);
    };
    await Promise.all(clients.map(run));
  },
  memory: () => collectGarbage(),
};

export type TelegramBareServices = typeof services;

serve(services);
