import type { Capabilities, MessageReference } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { MessageAcceptor } from './accept-message.ts';
import { capabilitiesOf } from './capabilities-of.ts';
import { checkMayChange } from './check-consent.ts';
import { checkHonestText } from './check-honesty.ts';
import { checkEmoji } from './check-text.ts';
import type { AcceptedAnswer, MessageCommands, MessageRequest } from './engine-api.ts';
import type { Principal } from './model/access.ts';
import type { Message } from './model/message.ts';
import type { PacingSettings } from './pacing/governor.ts';
import type { IdempotencyClaim, NetworkTarget, Store, Telemetry } from './ports/index.ts';
import type { Manifests } from './resolve-target.ts';
import { findManifest } from './resolve-target.ts';
import type { SessionLinks } from './session-links.ts';

/** The network answers such small requests within seconds; ms. */
const CHANGE_TIMEOUT_MS = 15_000;
const DAY_MS = 24 * 60 * 60_000;

export interface MessageCommandDeps {
  readonly acceptor: MessageAcceptor;
  readonly store: Store;
  readonly links: SessionLinks;
  readonly manifests: Manifests;
  readonly telemetry: Telemetry;
  readonly pacing: Pick<PacingSettings, 'rules' | 'isPaced'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What callers may do with messages. A change goes to the network first and is recorded once the network took it. */
export class EngineMessages implements MessageCommands {
  readonly #deps: MessageCommandDeps;

  constructor(deps: MessageCommandDeps) {
    this.#deps = deps;
  }

  accept(principal: Principal, request: MessageRequest, idempotency?: IdempotencyClaim): Promise<AcceptedAnswer> {
    return this.#deps.acceptor.accept(principal, request, idempotency);
  }

  acceptBatch(
    principal: Principal,
    requests: readonly (MessageRequest | BellhopError)[],
    idempotency?: IdempotencyClaim,
  ): Promise<AcceptedAnswer> {
    return this.#deps.acceptor.acceptBatch(principal, requests, idempotency);
  }

  async delete(principal: Principal, messageId: string): Promise<Message> {
    const { store, links, telemetry, clock } = this.#deps;
    const message = await this.#find(principal, messageId);
    if (message.status === 'queued') {
      const now = clock.now();
      const cancelled = await store.cancelMessage(messageId, principal.property, now);
      const waitedSeconds = Math.max(0, now - Date.parse(message.createdAt)) / 1_000;
      telemetry.outbound(message.session, message.channel, 'cancelled', waitedSeconds);
      return cancelled;
    }
    const target = await this.#ownTarget(message);
    const { chat, networkId } = target;
    const { deleteWindowMs } = await this.#capabilities(message, chat.kind);
    checkWindow(message, deleteWindowMs, clock.now());
    const link = links.require(message.session, 'delete');
    await link.handle.call('deleteForEveryone', { chat, networkId }, { timeoutMs: CHANGE_TIMEOUT_MS });
    await store.recordDeletion(target, clock.now());
    return this.#find(principal, messageId);
  }

  async release(principal: Principal, messageId: string): Promise<Message> {
    const { name, keyId, property } = principal;
    const message = await this.#deps.store.releaseMessage(messageId, property, { name, keyId });
    this.#deps.log.info('a message that was held for a person was let go', {
      session: message.session,
      message: message.id,
      key: name,
      keyId,
    });
    return message;
  }

  async edit(principal: Principal, messageId: string, body: string): Promise<Message> {
    const { store, links, clock } = this.#deps;
    const message = await this.#find(principal, messageId);
    if (message.status === 'queued')
      throw new BellhopError('message_not_editable', {
        detail: 'The message is still queued: cancel it and send another.',
      });
    const target = await this.#ownTarget(message);
    const { chat, networkId } = target;
    const capabilities = await this.#capabilities(message, chat.kind);
    if (message.type !== 'text')
      throw new BellhopError('message_not_editable', { detail: 'Only the text of a text message can be edited.' });
    if (body.trim() === '') throw new BellhopError('empty_message', { pointer: 'body' });
    if (body.length > capabilities.maxTextLength) throw new BellhopError('body_too_long', { pointer: 'body' });
    checkHonestText(body, 'body');
    await this.#checkWish(message, chat.kind);
    await this.#checkRepeat(message, body);
    checkWindow(message, capabilities.editWindowMs, clock.now());
    const link = links.require(message.session, 'edit');
    await link.handle.call('edit', { chat, networkId, body }, { timeoutMs: CHANGE_TIMEOUT_MS });
    await store.recordEdit(target, { body, at: clock.now() });
    return this.#find(principal, messageId);
  }

  async react(principal: Principal, messageId: string, emoji: string): Promise<Message> {
    const { store, links, clock } = this.#deps;
    const message = await this.#find(principal, messageId);
    const target = await this.#target(message);
    const { chat, networkId } = target;
    const { react } = await this.#capabilities(message, chat.kind);
    if (!react) throw new BellhopError('capability_missing');
    checkEmoji(emoji);
    // Who takes a reaction back leaves the guest in peace.
    if (emoji !== '') await this.#checkWish(message, chat.kind);
    const reference: MessageReference =
      message.direction === 'inbound' ? { networkId, sender: message.from } : { networkId };
    const link = links.require(message.session, 'react');
    await link.handle.call('react', { chat, target: reference, emoji }, { timeoutMs: CHANGE_TIMEOUT_MS });
    const session = await store.getSession(message.session);
    const by = session?.account?.address ?? message.session;
    await store.recordReaction(target, { by, emoji, at: clock.now() });
    return this.#find(principal, messageId);
  }

  async #find(principal: Principal, messageId: string): Promise<Message> {
    const message = await this.#deps.store.getMessage(messageId, principal.property);
    if (message === null) throw new BellhopError('not_found');
    return message;
  }

  /** Nobody sends the same to everybody by changing what was sent before. */
  async #checkRepeat({ id, channel }: Message, body: string): Promise<void> {
    const { store, clock, pacing } = this.#deps;
    if (!pacing.isPaced(channel)) return;
    const others = await store.sameTextSince(id, body, clock.now() - DAY_MS);
    if (others >= pacing.rules.limits.sameTextPerHour) throw new BellhopError('same_text', { pointer: 'body' });
  }

  /** A change reaches the guest as a message does. */
  async #checkWish({ guestId, property }: Message, kind: 'direct' | 'group'): Promise<void> {
    if (guestId === null || kind === 'group') return;
    checkMayChange(await this.#deps.store.getGuest(guestId, property));
  }

  async #capabilities(message: Message, kind: 'direct' | 'group'): Promise<Capabilities> {
    const session = await this.#deps.store.getSession(message.session);
    return capabilitiesOf(findManifest(this.#deps.manifests, message.channel), kind, session);
  }

  /** Only what the hotel said and the network has can be changed. */
  #ownTarget(message: Message): Promise<NetworkTarget> {
    if (message.direction === 'inbound')
      throw new BellhopError('message_not_editable', { detail: 'Only messages of the hotel can be changed.' });
    if (message.deletedAt !== null)
      throw new BellhopError('message_not_editable', { detail: 'The message was deleted before.' });
    if (message.status !== 'sent' && message.status !== 'delivered' && message.status !== 'read')
      throw new BellhopError('message_not_queued', { detail: `The message is ${message.status}.` });
    return this.#target(message);
  }

  async #target(message: Message): Promise<NetworkTarget> {
    const place = await this.#deps.store.chatOf(message.conversationId, message.property);
    if (place === null || message.channelMessageId === null)
      throw new BellhopError('message_not_editable', { detail: 'The network does not have this message.' });
    return { sessionId: message.session, chat: place.chat, networkId: message.channelMessageId };
  }
}

/** `undefined` = the channel cannot do it at all. */
function checkWindow(message: Message, windowMs: number | undefined, now: number): void {
  if (windowMs === undefined) throw new BellhopError('capability_missing');
  const sentAt = Date.parse(message.sentAt ?? message.createdAt);
  if (now - sentAt > windowMs)
    throw new BellhopError('message_not_editable', {
      detail: `The channel allows it for ${Math.round(windowMs / 60_000)} minutes after sending.`,
    });
}
