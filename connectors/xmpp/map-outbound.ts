import type { Element, xml as Xml } from '@xmpp/client';
import type { Chat, OutboundMessage } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';

export const RECEIPTS = 'urn:xmpp:receipts';
export const CHAT_MARKERS = 'urn:xmpp:chat-markers:0';
export const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
export const DELAY = 'urn:xmpp:delay';
/** Ours alone: clients pass over what they do not know. */
export const CANARY = 'urn:bellhop:canary:0';
const HINTS = 'urn:xmpp:hints';
const PING = 'urn:xmpp:ping';

/** Where a message of the chat goes. */
function destinationOf(chat: Chat): string {
  if (chat.kind === 'direct') return chat.addresses[0];
  throw new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false });
}

/** The stanzas that the connector writes. Made with the library's `xml`, which the connector loads late. */
export class Stanzas {
  readonly #xml: typeof Xml;

  constructor(deps: { xml: typeof Xml }) {
    this.#xml = deps.xml;
  }

  /** A text that asks for a receipt (XEP-0184) and may be marked as read (XEP-0333). Throws `unsupported_content`. */
  message({ networkId, chat, content }: OutboundMessage): Element {
    if (content.type !== 'text') {
      throw new SendError('unsupported_content', { certainty: 'not_sent', retryable: false });
    }
    const xml = this.#xml;
    return xml(
      'message',
      { type: 'chat', to: destinationOf(chat), id: networkId },
      xml('body', {}, content.body),
      xml('request', { xmlns: RECEIPTS }),
      xml('markable', { xmlns: CHAT_MARKERS }),
      xml('active', { xmlns: CHAT_STATES }),
    );
  }

  chatState(chat: Chat, on: boolean): Element {
    const state = this.#xml(on ? 'composing' : 'paused', { xmlns: CHAT_STATES });
    return this.#note(destinationOf(chat), state, this.#xml('no-store', { xmlns: HINTS }));
  }

  displayed(chat: Chat, id: string): Element {
    return this.#note(destinationOf(chat), this.#xml('displayed', { xmlns: CHAT_MARKERS, id }));
  }

  received(to: string, id: string): Element {
    return this.#note(to, this.#xml('received', { xmlns: RECEIPTS, id }));
  }

  /** To the very connection that sends it. A headline: no server keeps one, and no client shows one without words. */
  canary(to: string, token: string): Element {
    const xml = this.#xml;
    const children = [xml('canary', { xmlns: CANARY, token }), xml('no-store', { xmlns: HINTS })];
    return xml('message', { type: 'headline', to, id: token }, ...children);
  }

  presence(): Element {
    return this.#xml('presence');
  }

  ping(to: string): Element {
    return this.#xml('iq', { type: 'get', to }, this.#xml('ping', { xmlns: PING }));
  }

  #note(to: string, ...children: Element[]): Element {
    return this.#xml('message', { type: 'chat', to }, ...children);
  }
}
