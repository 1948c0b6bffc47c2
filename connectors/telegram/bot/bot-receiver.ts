import type { ConnectorEvent, SessionContext } from '../../../src/connector-api/index.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { Inbox } from '../inbox.ts';
import type { JournalEntry } from '../journal-entry.ts';
import { PollBook } from '../poll-book.ts';
import type { BotChats } from './bot-chats.ts';
import { botCallback, botFrame, botMembership, botMessage, botReaction, botVote } from './bot-schemas.ts';
import { mapPress, mapReaction, mapVote } from './map-bot-doings.ts';
import { mapBotEdit, mapBotFrame, mapBotMessage } from './map-bot-message.ts';

/** What is asked for. The Bot API keeps reactions and votes to itself unless they are named. */
export const ALLOWED_UPDATES = [
  'message',
  'edited_message',
  'callback_query',
  'message_reaction',
  'poll_answer',
  'my_chat_member',
  'channel_post',
] as const;

type UpdateKind = (typeof ALLOWED_UPDATES)[number];

/** What an update comes to. */
interface Taken {
  readonly entry?: JournalEntry;
  /** A group and the supergroup that it has become. */
  readonly moved?: readonly [from: number, to: number];
  /** Id of a press that waits for its answer. */
  readonly press?: string;
}

const NOTHING: Taken = {};

/** Turns updates of the Bot API into journal entries, inside the transaction that takes them. */
export class BotReceiver {
  readonly #context: SessionContext<unknown>;
  readonly #inbox: Inbox;
  readonly #chats: BotChats;
  readonly #polls: PollBook;
  /** Presses that were journalled and wait for their answer. */
  #presses: string[] = [];

  constructor(deps: { context: SessionContext<unknown>; inbox: Inbox; chats: BotChats }) {
    this.#context = deps.context;
    this.#inbox = deps.inbox;
    this.#chats = deps.chats;
    this.#polls = new PollBook(deps.context);
  }

  /**
   * Called inside the transaction that moves the offset; throws when the vault cannot be written. What cannot be read is logged and passed
   * over: it would come for ever.
   */
  take(update: unknown): void {
    if (!isRecord(update)) return;
    const kind = ALLOWED_UPDATES.find((name) => name in update);
    const value = kind === undefined ? undefined : update[kind];
    const taken = kind === undefined ? NOTHING : this.#guard(kind, () => this.#read(kind, value));
    if (taken.moved !== undefined) this.#chats.noteMoved(...taken.moved);
    if (taken.press !== undefined) this.#presses.push(taken.press);
    if (taken.entry !== undefined) this.#inbox.put(taken.entry);
  }

  /** The ids of presses that are durable now: whoever pressed waits for a sign. */
  takePresses(): readonly string[] {
    return this.#presses.splice(0);
  }

  /** The transaction was undone. */
  forget(): void {
    this.#presses = [];
  }

  #read(kind: UpdateKind, value: unknown): Taken {
    const { clock, log } = this.#context;
    switch (kind) {
      case 'message':
        return readMessage(value);
      case 'edited_message':
        return { entry: mapBotEdit(botMessage.parse(value)) };
      case 'callback_query': {
        const callback = botCallback.parse(value);
        return { ...told(mapPress(callback, clock.now())), press: callback.id };
      }
      case 'message_reaction':
        return told(mapReaction(botReaction.parse(value)));
      case 'poll_answer': {
        const vote = botVote.parse(value);
        const asked = this.#polls.get(BigInt(vote.poll_id));
        return asked === undefined ? NOTHING : told(mapVote(vote, asked, clock.now()));
      }
      case 'my_chat_member': {
        // The model has no word for it: what is written to who left is refused, and that is told then.
        const { chat, new_chat_member: member } = botMembership.parse(value);
        log.info('what the bot may do in a chat has changed', { chat: chat.type, status: member.status });
        return NOTHING;
      }
      case 'channel_post':
        log.info('a post in a channel was left out: it is said to nobody in particular');
        return NOTHING;
    }
  }

  #guard(kind: UpdateKind, read: () => Taken): Taken {
    try {
      return read();
    } catch (error) {
      this.#context.log.error('an update could not be read', {
        kind,
        error: error instanceof Error ? error.name : null,
      });
      return NOTHING;
    }
  }
}

/** A message whose fields are not what they should be is kept as it came, if it tells at least whose it is. */
function readMessage(value: unknown): Taken {
  const raw = isRecord(value) ? value : {};
  const message = botMessage.safeParse(value);
  if (!message.success) return { entry: mapBotFrame(botFrame.parse(value), raw) };
  const { chat, migrate_to_chat_id: movedTo } = message.data;
  return {
    entry: mapBotMessage(message.data, raw),
    ...(movedTo === undefined ? {} : { moved: [chat.id, movedTo] as const }),
  };
}

const told = (event: ConnectorEvent | undefined): Taken =>
  event === undefined ? NOTHING : { entry: { events: [event], files: [] } };
