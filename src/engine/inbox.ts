import type { Chat, ConnectorEvent, DisconnectCause, InboundMessage } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { toTimestamp } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ConsentDesk } from './consent/consent-desk.ts';
import type { Keyword } from './consent/keywords.ts';
import { readKeyword } from './consent/keywords.ts';
import type { LiveBus } from './live-bus.ts';
import type { ConsentState } from './model/consent.ts';
import type { LiveEventType } from './model/event.ts';
import { parseEvent } from './parse-event.ts';
import type { Store, Telemetry } from './ports/index.ts';

export interface InboxDeps {
  readonly store: Store;
  readonly live: LiveBus;
  /** Absent where nobody answers keywords, e.g. in tests of the inbox alone. */
  readonly consent?: ConsentDesk;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whose events these are. */
export interface EventSource {
  readonly sessionId: string;
  readonly channel: string;
  readonly property: string;
  /** Takes what concerns the connection, not the store; must return at once. */
  onDisconnected(cause: DisconnectCause): void;
  /** A canary is back; `isStored`: and the store took a write for it. Must return at once. */
  onCanary?(token: string, missed: number, isStored: boolean): void;
  /** Something of the network was taken in, not for the second time; must return at once. */
  onHeard?(event: ConnectorEvent): void;
}

type CanaryEvent = Extract<ConnectorEvent, { type: 'canary' }>;

/** Writes what connectors report into the store. Resolves only once it is durable, so that the network may be told. */
export class Inbox {
  readonly #deps: InboxDeps;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
  }

  /**
   * Called by the host for one event at a time a session. Rejects with the store's error (`store_full`), or with
   * `internal_error` for an event that breaks the contract; nothing was written then.
   */
  async handle(source: EventSource, raw: unknown): Promise<void> {
    let event: ConnectorEvent;
    try {
      event = parseEvent(raw);
    } catch (error) {
      this.#refuse(source, 'malformed', error);
      throw error;
    }
    try {
      if (await this.#record(source, event)) source.onHeard?.(event);
    } catch (error) {
      this.#refuse(source, event.type, error);
      throw error;
    }
  }

  #refuse(source: EventSource, type: string, error: unknown): void {
    this.#deps.telemetry.inbound(source.sessionId, source.channel, type, 'failed');
    this.#deps.log.error('inbound event not stored', {
      session: source.sessionId,
      type,
      error: error instanceof Error ? error : String(error),
    });
  }

  /** Resolves with whether this was news of the network. */
  async #record(source: EventSource, event: ConnectorEvent): Promise<boolean> {
    const { store } = this.#deps;
    const { sessionId, channel, property } = source;
    switch (event.type) {
      case 'message': {
        const receivedAt = this.#deps.clock.now();
        const { message } = event;
        const keyword = keywordOf(message);
        const asks = keyword === null ? undefined : WISHES[keyword];
        const record = { property, sessionId, channel, message, receivedAt, ...(asks === undefined ? {} : { asks }) };
        const outcome = await store.recordInbound(record);
        this.#deps.telemetry.inbound(
          sessionId,
          channel,
          outcome.message.type,
          outcome.duplicate ? 'duplicate' : 'stored',
        );
        const isAsked = outcome.consentChanged || (keyword === 'ask_back' && !outcome.duplicate);
        if (keyword !== null && isAsked) await this.#deps.consent?.answer(keyword, outcome.message);
        return !outcome.duplicate;
      }
      case 'receipt': {
        const moved = await store.recordReceipt(sessionId, event.receipt);
        if (moved > 0) this.#deps.telemetry.receipt(sessionId, event.receipt.status);
        return true;
      }
      case 'send_failed': {
        const { chat, networkId, code, at } = event;
        const failure = { code, certainty: 'not_sent', nativeCode: event.nativeCode ?? null } as const;
        await store.recordLateFailure({ sessionId, chat, networkId }, failure, at);
        return true;
      }
      case 'reaction': {
        const { emoji, at, by } = event;
        await store.recordReaction(targetOf(sessionId, event), { by: by.addresses[0], emoji, at });
        return true;
      }
      case 'poll_vote': {
        const { options, at, by } = event;
        await store.recordPollVote(targetOf(sessionId, event), { by: by.addresses[0], options, at });
        return true;
      }
      case 'edited': {
        const { body, entities, at } = event;
        await store.recordEdit(targetOf(sessionId, event), { body, entities, at });
        return true;
      }
      case 'deleted':
        await store.recordDeletion(targetOf(sessionId, event), event.at);
        return true;
      case 'chat_read':
        await store.markReadByNetwork(sessionId, event.chat, event.upTo, event.at);
        return true;
      case 'identity':
        await store.recordIdentity({ property, channel, person: event.person, at: this.#deps.clock.now() });
        return true;
      case 'chat_updated':
        await store.updateChat(sessionId, event.chat, this.#deps.clock.now());
        return true;
      case 'typing':
        await this.#publish(source, 'presence.typing', event.chat.addresses[0], { by: event.by, on: event.on });
        return true;
      case 'presence':
        await this.#publish(source, 'presence.updated', event.by, {
          by: event.by,
          online: event.online,
          lastSeenAt: event.lastSeenAt === undefined ? null : toTimestamp(event.lastSeenAt),
        });
        return true;
      case 'canary':
        await this.#storeCanary(source, event);
        return false;
      case 'limit': {
        const { type: _type, ...notice } = event;
        await store.recordNotice(sessionId, notice, this.#deps.clock.now());
        return false; // mostly an answer to a question of ours
      }
      case 'disconnected':
        source.onDisconnected(event.cause);
        return false;
    }
  }

  /** All the way of a guest's message, to a write of the store. That the store cannot write is no fault of the line. */
  async #storeCanary(source: EventSource, { token, missed = 0 }: CanaryEvent): Promise<void> {
    try {
      await this.#deps.store.ping();
    } catch (error) {
      source.onCanary?.(token, missed, false);
      throw error;
    }
    source.onCanary?.(token, missed, true);
  }

  /** Dropped when nobody listens, and when the thread is not known: typing of strangers is no news. */
  async #publish(
    source: EventSource,
    type: LiveEventType,
    address: string,
    data: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    if (!this.#deps.live.heard) return;
    const { property, channel, sessionId } = source;
    const { conversation, guest } = await this.#deps.store.findRoute({ property, channel, address });
    if (conversation === null && guest === null) return;
    this.#deps.live.publish({
      type,
      timestamp: toTimestamp(this.#deps.clock.now()),
      property,
      data: {
        channel,
        session: sessionId,
        conversationId: conversation?.id ?? null,
        guestId: guest?.id ?? null,
        ...data,
      },
    });
  }
}

/** What a keyword asks for; a question back asks for nothing yet. */
const WISHES: Readonly<Partial<Record<Keyword, ConsentState>>> = { stop: 'opted_out', start: 'opted_in' };

/** In a group a keyword is meant for the others there as well as for the hotel, so it is only a word. */
function keywordOf({ chat, direction, content }: InboundMessage): Keyword | null {
  if (chat.kind === 'group' || direction !== 'inbound') return null;
  if (content.type === 'text') return readKeyword(content.body);
  return content.type === 'button' ? readKeyword(content.label) : null;
}

function targetOf(
  sessionId: string,
  event: { readonly chat: Chat; readonly target: { readonly networkId: string } },
): { sessionId: string; chat: Chat; networkId: string } {
  return { sessionId, chat: event.chat, networkId: event.target.networkId };
}
