import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import type { Guest } from '../model/conversation.ts';
import type { Message } from '../model/message.ts';
import type { Store } from '../ports/index.ts';
import type { Manifests } from '../resolve-target.ts';
import { findManifest } from '../resolve-target.ts';
import { consentTexts } from './consent-texts.ts';
import type { Keyword } from './keywords.ts';

/** `requestedBy` of what Bellhop itself answers to a keyword. */
const CONSENT_DESK = 'consent';

interface ConsentDeskDeps {
  readonly store: Store;
  readonly manifests: Manifests;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Answers a guest's keyword, in the guest's language and at the pace of everything else: a confirmation when it changed something, and
 * a question where the booking may be meant. Called by the inbox after the message is stored; a crash in between costs the guest no
 * more than that courtesy.
 */
export class ConsentDesk {
  readonly #deps: ConsentDeskDeps;

  constructor(deps: ConsentDeskDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what the guest asked for is in the ledger already. */
  async answer(keyword: Keyword, message: Message): Promise<void> {
    const { store, log } = this.#deps;
    try {
      const guest = message.guestId === null ? null : await store.getGuest(message.guestId, null);
      if (guest === null) return;
      await store.acceptMessages([this.#compose(keyword, message, guest)]);
    } catch (error) {
      const { session } = message;
      log.error('a keyword is not answered', { session, keyword, error: error instanceof Error ? error : undefined });
    }
  }

  #compose(keyword: Keyword, message: Message, guest: Guest): Parameters<Store['acceptMessages']>[0][number] {
    const { manifests, random } = this.#deps;
    const texts = consentTexts(guest.language);
    return {
      property: message.property,
      sessionId: message.session,
      channel: message.channel,
      networkId: findManifest(manifests, message.channel).createMessageId(random),
      to: { conversationId: message.conversationId },
      body: { stop: texts.stopped, start: texts.started, ask_back: texts.askBack }[keyword],
      entities: [],
      buttons: [],
      attachments: [],
      location: null,
      contacts: null,
      poll: null,
      replyTo: null,
      urgency: 'normal',
      purpose: 'reply',
      basis: null,
      sendAt: null,
      expiresAt: null,
      metadata: null,
      requestedBy: CONSENT_DESK,
      estimatedSendAt: null,
    };
  }
}
