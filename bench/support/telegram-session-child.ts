import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TelegramConfig } from '../../connectors/telegram/config.ts';
import type { ConnectorSession, SessionVault } from '../../src/connector-api/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import { serve } from './remote.ts';
import { Arrivals } from './telegram-arrivals.ts';
import { loadBuilt } from './telegram-built.ts';
import type { LinkedAccount } from './telegram-network-child.ts';
import { linkVaults, MASTER_KEY } from './telegram-vault.ts';

interface Subject {
  readonly session: ConnectorSession;
  readonly vault: SessionVault & { close(): void };
  readonly account: LinkedAccount;
}

const folder = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
const closing = new AbortController();
const subjects: Subject[] = [];
const arrivals = new Arrivals();

/** Sessions of the connector with their vaults on the disk, and a daemon that stores everything at once and nowhere. */
const services = {
  connect: async ({ config, accounts }: { config: TelegramConfig; accounts: readonly LinkedAccount[] }) => {
    const { connector, openVault, FileMediaStore } = await loadBuilt();
    const media = new FileMediaStore({ dir: join(folder, 'media') });
    const parsed = connector.manifest.configSchema.parse(config);
    await linkVaults(
      folder,
      accounts.map((account) => ({ id: `bench-${account.id}`, account })),
    );
    for (const account of accounts) {
      const sessionId = `bench-${account.id}`;
      const vault = openVault({ dir: folder, sessionId, masterKey: MASTER_KEY, clock: systemClock });
      const session = connector.createSession({
        sessionId,
        config: parsed,
        vault,
        media,
        clock: systemClock,
        random: systemRandom,
        log: silentLogger,
        signal: closing.signal,
        emit: async (event) => {
          if (event.type === 'message' && event.message.direction === 'inbound') arrivals.note();
        },
      });
      subjects.push({ session, vault, account });
      await session.connect();
    }
  },
  /** When the `emit` of so many messages has resolved: shared microseconds. */
  reach: (total: number) => arrivals.reach(total),
  /** Entries of the journals that are not settled. */
  waiting: () => subjects.reduce((sum, { vault }) => sum + vault.spool.depth(), 0),
  /** Each session sends so many, one after the other; the sessions side by side. */
  send: async (each: number) => {
    const { manifest } = await loadBuilt();
    const run = async ({ session, account }: Subject): Promise<void> => {
      const chat = { kind: 'direct', addresses: [`id:${account.guestId}`] } as const;
      for (let index = 0; index < each; index += 1) {
        const networkId = manifest.createMessageId(systemRandom);
        const content = { type: 'text', body: `Answer ${index}: they are on their way.` } as const;
        await session.send({ networkId, chat, content, attempt: 1 }, { signal: closing.signal });
      }
    };
    await Promise.all(subjects.map(run));
  },
  close: async () => {
    await Promise.all(subjects.map(({ session }) => session.disconnect()));
    closing.abort();
    for (const { vault } of subjects) vault.close();
    rmSync(folder, { recursive: true, force: true });
  },
};

export type TelegramSessionServices = typeof services;

serve(services);
