import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import type { Random } from '../core/random.ts';
import { capabilitiesOf } from './capabilities-of.ts';
import { checkBasis, checkOptOut, checkRotation, defaultPurpose } from './check-consent.ts';
import { checkContent } from './check-content.ts';
import { checkHonesty } from './check-honesty.ts';
import { checkMetadata, checkTiming } from './check-timing.ts';
import { chooseSession } from './choose-session.ts';
import type { AcceptedAnswer, MessageRequest, MessageRequestAttachment } from './engine-api.ts';
import type { Media, Principal } from './model/access.ts';
import type { Message } from './model/message.ts';
import type { Session } from './model/session.ts';
import type { NewIntent } from './pacing/first-estimate.ts';
import type { Governor } from './pacing/governor.ts';
import type { IdempotencyClaim, NewOutbound, RemoteMedia, Route, Store } from './ports/index.ts';
import { rememberAddresses } from './remember-addresses.ts';
import type { Manifests } from './resolve-target.ts';
import { findManifest, readTarget, resolveDestination, routeQueryOf } from './resolve-target.ts';

const ACCEPTED = 202;
/** The contract's own figure. */
const LARGEST_BATCH = 50;

export interface AcceptDeps {
  readonly store: Store;
  readonly manifests: Manifests;
  readonly governor: Pick<Governor, 'estimate'>;
  readonly remoteMedia?: RemoteMedia;
  readonly clock: Clock;
  readonly random: Random;
}

/** Turns requests into durable messages: every check that needs no network, then one transaction. The hot path of the API. */
export class MessageAcceptor {
  readonly #deps: AcceptDeps;
  readonly #manifests: Manifests;

  constructor(deps: AcceptDeps) {
    this.#deps = deps;
    this.#manifests = rememberAddresses(deps.manifests);
  }

  /** Resolves with 202 once the message is durable. */
  async accept(principal: Principal, request: MessageRequest, idempotency?: IdempotencyClaim): Promise<AcceptedAnswer> {
    let input: NewOutbound;
    try {
      input = await this.#prepare(principal, request);
    } catch (error) {
      return await this.#replayOrThrow(idempotency, error);
    }
    return this.#commit([input], idempotency, ([text = '']) => text);
  }

  /** One transaction for the valid ones; each result is the message or its problem, in the order of the requests. */
  async acceptBatch(
    principal: Principal,
    requests: readonly (MessageRequest | BellhopError)[],
    idempotency?: IdempotencyClaim,
  ): Promise<AcceptedAnswer> {
    if (requests.length > LARGEST_BATCH) throw new BellhopError('batch_too_large', { pointer: 'messages' });
    const items = await Promise.all(requests.map(async (request) => this.#prepareItem(principal, request)));
    const inputs = items.filter((item): item is NewOutbound => !(item instanceof BellhopError));
    return this.#commit(inputs, idempotency, (texts) => {
      const accepted = texts.values();
      const results = items.map((item) =>
        item instanceof BellhopError ? JSON.stringify(toProblem(item)) : accepted.next().value,
      );
      return `{"results":[${results.join(',')}]}`;
    });
  }

  async #commit(
    inputs: readonly NewOutbound[],
    claim: IdempotencyClaim | undefined,
    compose: (texts: readonly string[]) => string,
  ): Promise<AcceptedAnswer> {
    const answer = (_messages: readonly Message[], texts: readonly string[]): AcceptedAnswer => ({
      status: ACCEPTED,
      body: compose(texts),
    });
    // The answer is made once: inside the transaction when it is to be kept for a repeat of the request.
    const outcome = await this.#deps.store.acceptMessages(inputs, claim === undefined ? undefined : { claim, answer });
    return 'replay' in outcome ? outcome.replay : answer(outcome.messages, outcome.texts);
  }

  /** A repeat of a request that was accepted gets its first answer, even if it would be refused by now. */
  async #replayOrThrow(claim: IdempotencyClaim | undefined, error: unknown): Promise<AcceptedAnswer> {
    if (claim !== undefined) {
      const state = await this.#deps.store.claimIdempotency(claim, this.#deps.clock.now());
      if (state.state === 'replay') return { status: state.status, body: state.body };
      if (state.state === 'in_progress') throw new BellhopError('idempotency_in_progress');
      await this.#deps.store.releaseIdempotency(claim);
    }
    throw error;
  }

  async #prepareItem(
    principal: Principal,
    request: MessageRequest | BellhopError,
  ): Promise<NewOutbound | BellhopError> {
    if (request instanceof BellhopError) return request;
    try {
      return await this.#prepare(principal, request);
    } catch (error) {
      // Only what the item itself did wrong; a store that fails concerns the whole batch.
      if (error instanceof BellhopError && error.status < 500) return error;
      throw error;
    }
  }

  async #prepare(principal: Principal, request: MessageRequest): Promise<NewOutbound> {
    const now = this.#deps.clock.now();
    const target = readTarget(request, this.#manifests);
    checkTiming(request.sendAt, request.expiresAt, now);
    checkMetadata(request.metadata);
    const route = await this.#deps.store.findRoute(routeQueryOf(target, principal.property));
    const destination = resolveDestination(target, route);
    const manifest = findManifest(this.#manifests, destination.channel);
    const session = chooseSession({
      sessions: route.sessions.filter((entry) => entry.channel === destination.channel),
      wanted: request.session,
      ofConversation: target.type === 'conversation' ? (route.conversation?.session ?? null) : null,
      lastSpoken: route.lastSessionId,
    });
    const everWrote = route.lastInboundAt !== null;
    const { lastInboundAt } = route;
    const purpose = request.purpose ?? defaultPurpose(lastInboundAt, now);
    checkOptOut({ guest: route.guest, isGroup: destination.kind === 'group', purpose, lastInboundAt });
    checkRotation({ everWrote, session, conversation: route.conversation, sessions: route.sessions });
    checkBasis({
      everWrote,
      isKnownGroup: destination.kind === 'group' && route.conversation !== null,
      basis: request.basis,
    });
    const capabilities = capabilitiesOf(manifest, destination.kind, session);
    const { attachments = [] } = request;
    // More than the channel takes are refused below, without a fetch.
    const isFew = attachments.length > 0 && attachments.length <= capabilities.maxAttachments;
    const media = isFew ? await this.#findFiles(attachments, principal.property ?? session.property) : [];
    const content = checkContent(request, capabilities, media);
    checkHonesty(content);
    if (request.replyTo !== undefined) await this.#checkReplyTarget(request.replyTo, session, route);
    return {
      // Named one by one: on this path a spread before so many fields costs more than a row.
      body: content.body,
      entities: content.entities,
      buttons: content.buttons,
      attachments: content.attachments,
      location: content.location,
      contacts: content.contacts,
      poll: content.poll,
      property: session.property,
      sessionId: session.id,
      channel: destination.channel,
      networkId: manifest.createMessageId(this.#deps.random),
      to: destination.to,
      replyTo: request.replyTo ?? null,
      urgency: request.urgency ?? 'normal',
      purpose,
      basis: request.basis ?? null,
      sendAt: request.sendAt ?? null,
      expiresAt: request.expiresAt ?? null,
      metadata: request.metadata ?? null,
      requestedBy: principal.keyId,
      estimatedSendAt: this.#estimate(session, content, {
        purpose,
        sendAt: request.sendAt ?? null,
        isFirstWord: !everWrote && destination.kind === 'direct',
      }),
    };
  }

  #findFiles(wanted: readonly MessageRequestAttachment[], property: string): Promise<readonly (Media | null)[]> {
    return Promise.all(wanted.map((attachment, index) => this.#findMedia(attachment, index, property)));
  }

  /** What is named by URL is fetched now: 202 promises that everything needed to send is here. */
  async #findMedia({ mediaId, url }: MessageRequestAttachment, index: number, property: string): Promise<Media | null> {
    const { store, remoteMedia } = this.#deps;
    if (mediaId !== undefined) return store.getMedia(mediaId, property);
    if (url === undefined || remoteMedia === undefined) return null;
    try {
      return await remoteMedia.fetch(url, property);
    } catch (error) {
      if (!(error instanceof BellhopError) || error.status >= 500) throw error;
      const { code, detail, cause } = error;
      throw new BellhopError(code, {
        pointer: `attachments[${index}].url`,
        cause,
        ...(detail === undefined ? {} : { detail }),
      });
    }
  }

  /** Checked before the transaction too, so that one wrong item does not undo a whole batch. */
  async #checkReplyTarget(replyTo: string, session: Session, route: Route): Promise<void> {
    const replied = await this.#deps.store.getMessage(replyTo, session.property);
    const isHere = replied !== null && route.conversation !== null && replied.conversationId === route.conversation.id;
    if (!isHere) throw new BellhopError('reply_target_not_found', { pointer: 'replyTo' });
  }

  #estimate(
    session: Session,
    content: Pick<NewOutbound, 'body' | 'attachments'>,
    intent: Pick<NewIntent, 'purpose' | 'sendAt' | 'isFirstWord'>,
  ): number | null {
    // Nobody knows when a session that is down comes back; no guess is better than a wrong one.
    if (session.state !== 'connected' && session.state !== 'degraded') return null;
    const textLength = content.body?.length ?? 0;
    const hasMedia = content.attachments.length > 0;
    return this.#deps.governor.estimate(session, { ...intent, textLength, hasMedia });
  }
}
