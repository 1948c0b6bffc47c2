import type Database from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { IdFactory } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { SecretBox } from '../secret-box.ts';
import { ConsentLog } from './consent-log.ts';
import { ConversationTable } from './conversation-table.ts';
import { DeliveryTable } from './delivery-table.ts';
import { EarlyReceipts } from './early-receipts.ts';
import { EventLog } from './event-log.ts';
import { GuestDirectory } from './guest-directory.ts';
import { GuestTable } from './guest-table.ts';
import { IdempotencyTable } from './idempotency-table.ts';
import { LimitTable } from './limit-table.ts';
import { MediaTable } from './media-table.ts';
import { MessageTable } from './message-table.ts';
import { OutboxTable } from './outbox-table.ts';
import { SendAccounts } from './send-accounts.ts';
import { SendLog } from './send-log.ts';
import { SessionTable } from './session-table.ts';
import { fromSqlite } from './sqlite-errors.ts';
import { ThreadLog } from './thread-log.ts';
import { WebhookTable } from './webhook-table.ts';
import { closedError, WriteQueue } from './write-queue.ts';

/** Everything that the operations work with; made once for each open store. */
export interface StoreParts {
  readonly database: Database.Database;
  readonly clock: Clock;
  readonly ids: IdFactory;
  readonly log: Logger;
  readonly queue: WriteQueue;
  readonly sessions: SessionTable;
  readonly limits: LimitTable;
  readonly guests: GuestTable;
  readonly consentLog: ConsentLog;
  readonly conversations: ConversationTable;
  readonly messages: MessageTable;
  readonly outbox: OutboxTable;
  readonly sendLog: SendLog;
  readonly sendAccounts: SendAccounts;
  readonly secrets: SecretBox;
  readonly earlyReceipts: EarlyReceipts;
  readonly webhooks: WebhookTable;
  readonly deliveries: DeliveryTable;
  readonly media: MediaTable;
  readonly idempotency: IdempotencyTable;
  readonly events: EventLog;
  readonly threads: ThreadLog;
  readonly directory: GuestDirectory;
  /** Runs `work` in the next shared transaction; resolves once it is durable. */
  readonly write: <T>(work: () => T, options?: { readonly lazy: boolean }) => Promise<T>;
  /** Runs `work` at once. No transaction is open between two turns, so it sees committed rows only. */
  readonly read: <T>(work: () => T) => Promise<T>;
}

export function makeParts(deps: {
  database: Database.Database;
  clock: Clock;
  ids: IdFactory;
  log: Logger;
  secrets: SecretBox;
}): StoreParts {
  const { database, clock, ids, log, secrets } = deps;
  const limits = new LimitTable({ database });
  const sessions = new SessionTable({ database, limits });
  const webhooks = new WebhookTable({ database, secrets });
  const guests = new GuestTable({ database });
  const conversations = new ConversationTable({ database });
  const queue = new WriteQueue({
    database,
    clock,
    log,
    forget() {
      sessions.forget();
      limits.forget();
      webhooks.forget();
      guests.forget();
      conversations.forget();
    },
  });
  const touched = (): WriteQueue['touched'] => queue.touched;
  const messages = new MessageTable({ database });
  const deliveries = new DeliveryTable({ database, ids });
  const events = new EventLog({ database, ids, webhooks, deliveries, touched });
  const threads = new ThreadLog({ ids, events, guests, conversations });
  return {
    database,
    clock,
    ids,
    log,
    queue,
    sessions,
    limits,
    guests,
    conversations,
    messages,
    outbox: new OutboxTable({ database, touched }),
    sendLog: new SendLog({ database }),
    sendAccounts: new SendAccounts({ database }),
    secrets,
    earlyReceipts: new EarlyReceipts({ database }),
    consentLog: new ConsentLog({ database }),
    webhooks,
    deliveries,
    media: new MediaTable({ database }),
    idempotency: new IdempotencyTable({ database, run: ids.next('evt') }),
    events,
    threads,
    directory: new GuestDirectory({ ids, guests, conversations, messages, events, threads }),
    write: (work, options) => queue.run(work, options),
    read: (work) =>
      new Promise((resolve, reject) => {
        try {
          if (queue.closed) throw closedError();
          resolve(work());
        } catch (error) {
          const reason = fromSqlite(error);
          reject(reason instanceof Error ? reason : new BellhopError('internal_error', { cause: reason }));
        }
      }),
  };
}
