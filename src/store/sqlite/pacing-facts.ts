import type { HeldBy, Urgency } from '../../engine/model/message.ts';
import type { Session } from '../../engine/model/session.ts';
import { accountKeyOf } from '../../engine/pacing/account-key.ts';
import type { ChatFacts, History, NewChatQuota, Standing } from '../../engine/pacing/types.ts';
import type { PacingFacts, PacingQuery, QueuedIntent } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode } from './codec.ts';
import type { LimitRow } from './limit-table.ts';
import { isClosing } from './limit-table.ts';
import type { OutboxRow } from './outbox-table.ts';
import { NEVER_AT, URGENCIES } from './outbox-table.ts';
import type { StoreParts } from './parts.ts';
import type { ChatSends } from './send-log.ts';

type Row = Omit<OutboxRow, 'position' | 'scheduled' | 'state'> & {
  readonly last_inbound_at: number | null;
  readonly is_group: number;
  readonly unread: number;
};

const DAY_MS = 24 * 60 * 60_000;
/** Letters of a word, with its space. */
const WORD_CHARACTERS = 6;
/** Newest rows of the ledger among which a day's opting out is looked for. */
const CONSENT_ROWS = 500;
/** Read in one piece: about two milliseconds, and the loop is free again. */
const PIECE_ROWS = 500;

/** Reads what the plan of an account rests on: `PacingStore.pacingFacts`. */
export function pacingFactsReader(parts: StoreParts): (query: PacingQuery) => Promise<PacingFacts> {
  const { database, sendLog } = parts;
  const places = database
    .prepare<[string], number>('SELECT position FROM outbox WHERE session_id = ? ORDER BY position')
    .pluck();
  const placesIn = database
    .prepare<[string, string], number>(
      'SELECT position FROM outbox WHERE session_id = ? AND conversation_id = ? ORDER BY position',
    )
    .pluck();
  const queued = database.prepare<[string], Row>(
    `SELECT o.message_id, o.session_id, o.conversation_id, o.urgency, o.due_at, o.expires_at, o.queued_at, o.purpose, o.text_length,
       o.has_media, o.text_key, o.send_at, o.review, o.plan_at, o.hold, c.last_inbound_at, c.direct_guest_id IS NULL AS is_group, c.unread
     FROM json_each(?) place CROSS JOIN outbox o ON o.position = place.value CROSS JOIN conversations c ON c.id = o.conversation_id
     WHERE o.state <> 'sending' ORDER BY o.position`,
  );
  const unreadLength = database.prepare<{ id: string }, { length: number | null }>(
    `SELECT SUM(LENGTH(object ->> '$.body')) AS length FROM messages WHERE conversation_id = @id AND inbound = 1
       AND seq > (SELECT object ->> '$.lastReadSeq' FROM conversations WHERE id = @id)`,
  );
  const optOuts = database.prepare<[number], { at: string; session: string | null }>(
    `SELECT object ->> '$.at' AS at, object ->> '$.session' AS session
     FROM consent_log WHERE n > (SELECT COALESCE(MAX(n), 0) FROM consent_log) - ? AND object ->> '$.state' = 'opted_out'`,
  );
  const factsOf = (row: Row, sends: ChatSends | undefined): ChatFacts => {
    const isGroup = row.is_group === 1;
    const { total = 0, unanswered = 0 } = sends ?? {};
    const unread = row.unread > 0 ? (unreadLength.get({ id: row.conversation_id })?.length ?? 0) : 0;
    return {
      lastInboundAt: row.last_inbound_at,
      isKnown: isGroup || row.last_inbound_at !== null,
      unreadWords: Math.ceil(unread / WORD_CHARACTERS),
      // In a group nobody in particular has to answer.
      unanswered: isGroup ? 0 : unanswered,
      isOpened: total > 0,
    };
  };
  const placesOf = (session: string, conversation: string | undefined): readonly number[] =>
    conversation === undefined ? places.all(session) : placesIn.all(session, conversation);
  const readQueue = async ({
    sessions,
    conversation,
    now,
  }: PacingQuery): Promise<Pick<PacingFacts, 'intents'> & Pick<History, 'chats'>> => {
    const chats = new Map<string, ChatFacts>();
    const holds = new Map<string, HeldBy>();
    const intents: QueuedIntent[] = [];
    for (const session of sessions) {
      const sends = await parts.read(() => sendLog.ofQueue(session, conversation));
      const all = await parts.read(() => placesOf(session, conversation));
      for (let from = 0; from < all.length; from += PIECE_ROWS) {
        if (from > 0) await nextTurn();
        await parts.read(() => {
          for (const row of queued.iterate(JSON.stringify(all.slice(from, from + PIECE_ROWS)))) {
            intents.push(toIntent(row, now, holds));
            const id = row.conversation_id;
            if (!chats.has(id)) chats.set(id, factsOf(row, sends.get(id)));
          }
        });
      }
    }
    return { intents, chats };
  };
  const readAccount = ({ account, now }: PacingQuery): Pick<PacingFacts, 'standing'> & Omit<History, 'chats'> => {
    const ofAccount = [...parts.sessions.all().values()].filter((session) => accountKeyOf(session) === account);
    const ids = new Set<string | null>(ofAccount.map(({ id }) => id));
    const since = now - DAY_MS;
    const asked = optOuts
      .all(CONSENT_ROWS)
      .filter(({ session }) => ids.has(session))
      .map(({ at }) => Date.parse(at));
    return {
      sends: sendLog.of(account, now),
      optOuts: asked.filter((at) => at > since),
      standing: standingOf(parts, account, ofAccount, now),
    };
  };
  return async (query) => {
    const { account, now } = query;
    const aheadMs = await parts.read(() => sendLog.aheadMs(account, now));
    if (aheadMs > 0) await parts.write(() => sendLog.age(account, aheadMs));
    const { intents, chats } = await readQueue(query);
    const { standing, ...history } = await parts.read(() => readAccount(query));
    return { intents, history: { ...history, chats }, standing };
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function standingOf(
  parts: StoreParts,
  account: string,
  sessions: readonly Session[],
  now: number,
): Omit<Standing, 'busyUntil'> {
  const known = parts.sendAccounts.get(account);
  const told = sessions.map(({ settings }) => numberSince(settings['numberSince'])).filter((at) => at !== null);
  const rows = sessions.flatMap(({ id }) => parts.limits.of(id));
  const isBanned = sessions.some(({ state }) => state === 'banned');
  const temporary = known?.ban ?? null;
  return {
    bornAt: told.length > 0 ? Math.min(...told) : (known?.born_at ?? now),
    limits: rows.filter((row) => isClosing(row)),
    quota: rows.map(quotaOf).find((quota) => quota !== null) ?? null,
    ban: isBanned
      ? { kind: 'permanent', until: null }
      : temporary === null
        ? null
        : { kind: 'temporary', until: known?.ban_until ?? null },
  };
}

/** What a warning leaves; `null` for a limit that is none. */
function quotaOf({ quotaLeft, quotaAt, until }: LimitRow): NewChatQuota | null {
  return quotaAt === null ? null : { left: quotaLeft, at: quotaAt, until };
}

/** As a person has set it; `null` where that is no date. */
function numberSince(value: unknown): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** `holds`: those that were read before, by their text; thousands wait for the same. */
function toIntent(row: Row, now: number, holds: Map<string, HeldBy>): QueuedIntent {
  const dueAt = Math.max(row.queued_at, row.send_at ?? 0);
  return {
    messageId: row.message_id,
    sessionId: row.session_id,
    conversationId: row.conversation_id,
    purpose: row.purpose,
    urgency: urgencyOf(row.urgency),
    textLength: row.text_length,
    hasMedia: row.has_media === 1,
    // All but answers were written before, by a system or for many, and are pasted.
    isTemplate: row.purpose !== 'reply',
    textKey: row.text_key,
    // A clock that was set back must not put off what is here.
    queuedAt: Math.min(row.queued_at, now),
    sendAt: row.send_at,
    expiresAt: row.expires_at,
    retryAt: row.due_at > dueAt ? row.due_at : null,
    review: row.review,
    noted:
      row.plan_at === null
        ? null
        : {
            at: row.plan_at === NEVER_AT ? null : row.plan_at,
            heldBy: row.hold === null ? null : read(row.hold, holds),
          },
  };
}

function read(hold: JsonOf<HeldBy>, known: Map<string, HeldBy>): HeldBy {
  const heldBy = known.get(hold) ?? decode(hold);
  known.set(hold, heldBy);
  return heldBy;
}

function urgencyOf(rank: number): Urgency {
  return URGENCIES[rank] ?? 'normal';
}
