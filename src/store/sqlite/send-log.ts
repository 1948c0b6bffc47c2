import type Database from 'better-sqlite3';
import { NEW_CHAT_RATIO_SAMPLE, REPLY_RATIO_SAMPLE } from '../../engine/pacing/limits.ts';
import type { Lane, SendLogEntry } from '../../engine/pacing/types.ts';

/** `open`: it may have left; counts like one that did. */
export type SendOutcome = 'open' | 'sent' | 'not_sent';

/** What left a conversation, as far as the log goes back. */
export interface ChatSends {
  readonly total: number;
  /** Sent by the hotel by itself since the guest last wrote. */
  readonly unanswered: number;
}

interface Row {
  readonly messageId: string;
  readonly conversationId: string;
  readonly at: number;
  readonly lane: Lane;
  readonly opensChat: number;
  readonly textKey: string | null;
  readonly isAnswered: number | null;
}

const DAY_MS = 24 * 60 * 60_000;
const HARMLESS_MS = 60_000;
const COLUMNS = `l.message_id AS messageId, l.conversation_id AS conversationId, l.at, l.lane, l.opens_chat AS opensChat,
  l.text_key AS textKey, c.last_inbound_at > l.at AS isAnswered`;
const FROM = 'FROM send_log l LEFT JOIN conversations c ON c.id = l.conversation_id';

type QueueSends = ChatSends & { readonly conversationId: string };

const SENDS_IN = `SELECT l.conversation_id AS conversationId, COUNT(*) AS total,
    SUM(l.at > COALESCE(c.last_inbound_at, -1) AND l.lane NOT IN ('safety', 'reply')) AS unanswered
  FROM send_log l CROSS JOIN conversations c ON c.id = l.conversation_id
  WHERE l.conversation_id IN`;

/** Every message that left an account or may have left it, written before its first byte. No text, no address of a guest. */
export class SendLog {
  readonly #sql;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      begin: database.prepare<{
        id: string;
        account: string;
        conversation: string;
        at: number;
        lane: Lane;
        isNewChat: number;
        textKey: string | null;
      }>(
        `INSERT INTO send_log (message_id, account, conversation_id, at, lane, opens_chat, text_key, outcome)
         VALUES (@id, @account, @conversation, @at, @lane, @isNewChat AND NOT EXISTS (
           SELECT 1 FROM send_log WHERE conversation_id = @conversation AND message_id <> @id AND outcome <> 'not_sent'
         ), @textKey, 'open')
         ON CONFLICT (message_id) DO UPDATE SET account = excluded.account, at = excluded.at, lane = excluded.lane,
           opens_chat = excluded.opens_chat, outcome = 'open'`,
      ),
      finish: database.prepare<[SendOutcome, string]>('UPDATE send_log SET outcome = ? WHERE message_id = ?'),
      lately: database.prepare<[string, number], Row>(
        `SELECT ${COLUMNS} ${FROM} WHERE l.account = ? AND l.at > ? AND l.outcome <> 'not_sent' ORDER BY l.at, l.message_id`,
      ),
      before: database.prepare<[string, number, number], Row>(
        `SELECT ${COLUMNS} ${FROM} WHERE l.account = ? AND l.at <= ? AND l.outcome <> 'not_sent'
           AND l.lane NOT IN ('safety', 'reply') ORDER BY l.at DESC LIMIT ?`,
      ),
      openings: database.prepare<[string, number, number], Row>(
        `SELECT ${COLUMNS} ${FROM} WHERE l.account = ? AND l.at <= ? AND l.opens_chat = 1 AND l.outcome <> 'not_sent'
           ORDER BY l.at DESC LIMIT ?`,
      ),
      undelivered: database
        .prepare<[string, number], string>(
          `SELECT l.message_id FROM send_log l JOIN messages m ON m.id = l.message_id
           WHERE l.account = ? AND l.at > ? AND l.lane NOT IN ('safety', 'reply') AND m.object ->> '$.status' = 'sent'`,
        )
        .pluck(),
      ofQueue: database.prepare<[string], QueueSends>(
        `${SENDS_IN} (SELECT conversation_id FROM outbox WHERE session_id = ?) AND l.outcome <> 'not_sent' GROUP BY l.conversation_id`,
      ),
      ofChat: database.prepare<[string], QueueSends>(
        `${SENDS_IN} (?) AND l.outcome <> 'not_sent' GROUP BY l.conversation_id`,
      ),
      newest: database
        .prepare<[string], number>('SELECT at FROM send_log WHERE account = ? ORDER BY at DESC LIMIT 1')
        .pluck(),
      age: database.prepare<{ account: string; ms: number }>(
        'UPDATE send_log SET at = at - @ms WHERE account = @account',
      ),
      rewrite: database.prepare<[string | null, string]>('UPDATE send_log SET text_key = ? WHERE message_id = ?'),
      othersWith: database
        .prepare<{ id: string; textKey: string; since: number }, number>(
          `SELECT COUNT(DISTINCT l.conversation_id) FROM send_log l JOIN send_log me ON me.message_id = @id
           WHERE l.account = me.account AND l.at > @since AND l.text_key = @textKey AND l.outcome <> 'not_sent'
             AND l.conversation_id <> me.conversation_id`,
        )
        .pluck(),
      prune: database.prepare<[number]>('DELETE FROM send_log WHERE at < ?'),
    };
  }

  /** The first byte of it is about to leave. A further attempt takes the place of the one before. */
  begin(
    send: Omit<SendLogEntry, 'isAnswered' | 'isUndelivered' | 'opensChat'> & { account: string; isNewChat: boolean },
  ): void {
    const { messageId, account, conversationId, at, lane, textKey, isNewChat } = send;
    const row = { id: messageId, account, conversation: conversationId, at, lane, textKey };
    this.#sql.begin.run({ ...row, isNewChat: isNewChat ? 1 : 0 });
  }

  finish(messageId: string, outcome: SendOutcome): void {
    this.#sql.finish.run(outcome, messageId);
  }

  /** By how much the newest row lies ahead, because the clock was set back; ms, 0 = not, or by so little that it does no harm. */
  aheadMs(account: string, now: number): number {
    const ms = (this.#sql.newest.get(account) ?? now) - now;
    return ms > HARMLESS_MS ? ms : 0;
  }

  /** Makes all rows so much older: what went out before the clock was set back must not count as just now until it gets there again. */
  age(account: string, ms: number): void {
    this.#sql.age.run({ account, ms });
  }

  /** The text of a message that left was changed. */
  rewrite(messageId: string, textKey: string | null): void {
    this.#sql.rewrite.run(textKey, messageId);
  }

  /** How many other conversations of a message's account got this text after `since`. */
  othersWith(messageId: string, textKey: string | null, since: number): number {
    return textKey === null ? 0 : (this.#sql.othersWith.get({ id: messageId, textKey, since }) ?? 0);
  }

  /** Oldest first: a day, and before that as many as the ratios of answers look back on. */
  of(account: string, now: number): readonly SendLogEntry[] {
    const since = now - DAY_MS;
    const before = new Map<string, Row>();
    for (const row of this.#sql.before.all(account, since, REPLY_RATIO_SAMPLE)) before.set(row.messageId, row);
    for (const row of this.#sql.openings.all(account, since, NEW_CHAT_RATIO_SAMPLE)) before.set(row.messageId, row);
    const rows = [...before.values()].toSorted((one, other) => one.at - other.at);
    const undelivered = new Set(this.#sql.undelivered.all(account, since));
    return [...rows, ...this.#sql.lately.all(account, since)].map((row) => fromRow(row, undelivered));
  }

  /** By conversation, of those in which something of the session waits, or of one; one that is missing had nothing. */
  ofQueue(sessionId: string, conversation: string | undefined): ReadonlyMap<string, ChatSends> {
    const rows = conversation === undefined ? this.#sql.ofQueue.all(sessionId) : this.#sql.ofChat.all(conversation);
    return new Map(rows.map((row) => [row.conversationId, row]));
  }

  /** Returns how many there were. */
  prune(before: number): number {
    return this.#sql.prune.run(before).changes;
  }
}

function fromRow({ isAnswered, opensChat, ...row }: Row, undelivered: ReadonlySet<string>): SendLogEntry {
  const isUndelivered = undelivered.has(row.messageId);
  return { ...row, opensChat: opensChat === 1, isAnswered: isAnswered === 1, isUndelivered };
}
