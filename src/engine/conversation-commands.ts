import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { chooseSession } from './choose-session.ts';
import type { ConversationCommands } from './engine-api.ts';
import type { Principal } from './model/access.ts';
import type { Conversation } from './model/conversation.ts';
import type { ReadOutcome, Store } from './ports/index.ts';
import type { Manifests } from './resolve-target.ts';
import { findManifest, readAddress } from './resolve-target.ts';
import type { SessionLinks } from './session-links.ts';

/** Small requests that a network answers within seconds; ms. */
const COURTESY_TIMEOUT_MS = 10_000;

export interface ConversationCommandDeps {
  readonly store: Store;
  readonly links: SessionLinks;
  readonly manifests: Manifests;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What callers may do with conversations. */
export class EngineConversations implements ConversationCommands {
  readonly #deps: ConversationCommandDeps;

  constructor(deps: ConversationCommandDeps) {
    this.#deps = deps;
  }

  /** Nothing is sent to anybody: the conversation is a place that messages can be put into. */
  async create(
    principal: Principal,
    request: Parameters<ConversationCommands['create']>[1],
  ): Promise<{ conversation: Conversation; created: boolean }> {
    const manifest = findManifest(this.#deps.manifests, request.channel);
    const [participant, ...others] = request.participants;
    if (participant === undefined)
      throw new BellhopError('invalid_request', { pointer: 'participants', detail: 'Name one participant.' });
    if (others.length > 0)
      throw new BellhopError('capability_missing', {
        pointer: 'participants',
        detail: 'Groups are made on the phone; name an existing one as `group:<id>`.',
      });
    const { kind, address } = readAddress(manifest, participant, 'participants[0]');
    if (request.kind !== undefined && request.kind !== kind)
      throw new BellhopError('invalid_request', { pointer: 'kind', detail: `The address names a ${kind} chat.` });
    const { channel } = request;
    const route = await this.#deps.store.findRoute({ property: principal.property, channel, address });
    const session = chooseSession({
      sessions: route.sessions.filter((entry) => entry.channel === channel),
      wanted: request.session,
      ofConversation: null,
      lastSpoken: route.lastSessionId,
    });
    const title = request.title ?? null;
    const { property, id: sessionId } = session;
    return this.#deps.store.createConversation({ property, channel, sessionId, kind, address, title });
  }

  /** Resolves once the read position is durable; the guest's phone is told where the session is online. */
  async markRead(principal: Principal, conversationId: string, seq: number | null): Promise<Conversation> {
    const { store, clock } = this.#deps;
    const outcome = await store.markRead(conversationId, seq, principal.property, clock.now());
    void this.#markOnNetwork(outcome);
    return outcome.conversation;
  }

  /** Rejects with `session_down` or `capability_missing`. */
  async setTyping(principal: Principal, conversationId: string, on: boolean): Promise<void> {
    const place = await this.#deps.store.chatOf(conversationId, principal.property);
    if (place === null) throw new BellhopError('not_found');
    const link = this.#deps.links.require(place.sessionId, 'typing');
    await link.handle.call('setTyping', { chat: place.chat, on }, { timeoutMs: COURTESY_TIMEOUT_MS });
  }

  /** Never rejects: the position in the store counts, the mark on the phone is a courtesy. */
  async #markOnNetwork(outcome: ReadOutcome): Promise<void> {
    const [first, ...rest] = outcome.references;
    const link = this.#deps.links.find(outcome.sessionId);
    if (first === undefined || link?.handle.features.has('readMarks') !== true) return;
    try {
      await link.handle.call(
        'markRead',
        { chat: outcome.chat, messages: [first, ...rest] },
        { timeoutMs: COURTESY_TIMEOUT_MS },
      );
    } catch (error) {
      this.#deps.log.warn('read mark failed', {
        session: outcome.sessionId,
        error: error instanceof Error ? error : String(error),
      });
    }
  }
}
