import type { BinaryNode, WAMessage } from '@whiskeysockets/baileys';
import type { ConnectorEvent, InboundMessage } from '../../src/connector-api/index.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { AddressLookup } from './address-lookup.ts';
import { jidsOf } from './address-lookup.ts';
import type { InboxHandlers } from './durable-socket.ts';
import { UnmappableError } from './durable-socket.ts';
import type { GroupDirectory } from './groups.ts';
import { parseJid, recoveredId } from './ids.ts';
import type { Mapped, SkipReason } from './map-inbound.ts';
import { mapEnvelope, mapInbound } from './map-inbound.ts';
import { mapReceipt } from './map-receipt.ts';
import type { MediaFetcher } from './media-inbound.ts';
import type { MediaSource } from './media-source.ts';

export interface InboundDeskDeps {
  readonly lookup: AddressLookup;
  readonly groups: GroupDirectory;
  readonly log: Logger;
  /** Made when the first file comes: needs the library and the TLS agent. */
  readonly fetcher: () => MediaFetcher;
  readonly emit: (event: ConnectorEvent) => Promise<void>;
  /** Asks the sender's phone to upload a file again; false when there is no connection or the phone did not. */
  readonly askAgain: (message: WAMessage) => Promise<boolean>;
  /** Whether a connection is open: without one, a media server that cannot be reached says nothing of the file. */
  readonly isOnline: () => boolean;
  /** A message of a direct chat came, to be learned from. `users` are the guest's, by phone number and hidden id. */
  readonly onDirectMessage: (message: WAMessage, users: { phone?: string; hidden?: string }) => void;
  /** A group was heard of; its title may have to be asked for. Must not block. */
  readonly onGroupSeen: (jid: string) => void;
}

/** Turns what the inbox hands over into events. Called by the inbox worker only; each call resolves once it is durable. */
export class InboundDesk implements InboxHandlers {
  readonly #deps: InboundDeskDeps;
  readonly #skipped = new Map<SkipReason, number>();

  constructor(deps: InboundDeskDeps) {
    this.#deps = deps;
  }

  /** How many stanzas said nothing to anybody, by reason. */
  get skipped(): ReadonlyMap<SkipReason, number> {
    return this.#skipped;
  }

  async onMessage(message: WAMessage, stanza: BinaryNode, facts: { readonly wasUnreadable: boolean }): Promise<void> {
    const mapped = this.#map(message, stanza);
    const chatJid = message.key.remoteJid;
    if (chatJid && parseJid(chatJid)?.kind === 'group') this.#deps.onGroupSeen(chatJid);
    else if (mapped.type !== 'skipped' || mapped.reason === 'protocol') this.#learnFrom(message);
    switch (mapped.type) {
      case 'skipped':
        this.#skipped.set(mapped.reason, (this.#skipped.get(mapped.reason) ?? 0) + 1);
        return;
      case 'event':
        return this.#tell(mapped.event, facts.wasUnreadable);
      case 'media':
        return this.#tell(
          { type: 'message', message: await this.#withFile(mapped, message, stanza) },
          facts.wasUnreadable,
        );
    }
  }

  /** A message whose place is taken by an `unsupported` one gets a name of its own: under the old one it would be dropped. */
  #tell(event: ConnectorEvent, wasUnreadable: boolean): Promise<void> {
    if (!wasUnreadable || event.type !== 'message') return this.#deps.emit(event);
    const { message } = event;
    return this.#deps.emit({ type: 'message', message: { ...message, networkId: recoveredId(message.networkId) } });
  }

  async onUnreadable(message: WAMessage, stanza: BinaryNode): Promise<void> {
    await this.#handOverRaw('unreadable', message, stanza);
  }

  async onPoison(message: WAMessage, stanza: BinaryNode): Promise<void> {
    await this.#handOverRaw('unmappable', message, stanza);
  }

  async onReceipt(stanza: BinaryNode): Promise<void> {
    for (const event of mapReceipt(stanza, this.#deps.lookup.bookFor(stanza))) await this.#deps.emit(event);
  }

  async onNotification(stanza: BinaryNode): Promise<void> {
    const change = this.#deps.groups.onNotification(stanza);
    if (change?.title === undefined) return;
    const user = parseJid(change.jid)?.user ?? '';
    await this.#deps.emit({
      type: 'chat_updated',
      chat: { kind: 'group', addresses: [`group:${user}`], title: change.title },
    });
  }

  /** Calls have no place in the model yet; the phone rings all the same. */
  async onCall(): Promise<void> {
    this.#deps.log.debug('a call was signalled');
  }

  async onCanary(token: string, at: number): Promise<void> {
    await this.#deps.emit({ type: 'canary', token, at });
  }

  #learnFrom(message: WAMessage): void {
    const { remoteJid, remoteJidAlt, fromMe } = message.key;
    const users: { phone?: string; hidden?: string } = {};
    // For the account's own messages the second address is the account's, not the guest's.
    for (const text of fromMe === true ? [remoteJid] : [remoteJid, remoteJidAlt]) {
      const jid = parseJid(text);
      if (jid?.kind === 'phone') users.phone = jid.user;
      if (jid?.kind === 'hidden') users.hidden = jid.user;
    }
    this.#deps.onDirectMessage(message, users);
  }

  #map(message: WAMessage, stanza: BinaryNode): Mapped {
    const jids = mappable(() => jidsOf(stanza, message));
    const book = this.#deps.lookup.bookOf(jids);
    return mappable(() => mapInbound(message, stanza.attrs, book));
  }

  async #withFile(
    mapped: Extract<Mapped, { type: 'media' }>,
    message: WAMessage,
    stanza: BinaryNode,
  ): Promise<InboundMessage> {
    const attachment = await this.#deps.fetcher().fetch(mapped.source, async (): Promise<MediaSource | undefined> => {
      if (!(await this.#deps.askAgain(message))) return undefined;
      const again = this.#map(message, stanza);
      return again.type === 'media' ? again.source : undefined;
    });
    if (attachment.status === 'unavailable' && attachment.reason === 'unreachable' && !this.#deps.isOnline()) {
      throw new Error('the media server is out of reach while there is no connection'); // later, in the same place
    }
    return {
      ...mapped.message,
      content: {
        type: 'media',
        ...(mapped.body === undefined ? {} : { body: mapped.body }),
        attachments: [attachment],
      },
      ...(attachment.status === 'stored' ? {} : { raw: mapped.rawIfUnavailable }),
    };
  }

  async #handOverRaw(nativeKind: string, message: WAMessage, stanza: BinaryNode): Promise<void> {
    const mapped = mapEnvelope(nativeKind, message, stanza.attrs, this.#deps.lookup.bookFor(stanza));
    if (mapped.type === 'event') await this.#deps.emit(mapped.event);
  }
}

/** Runs what depends on the content alone: where that fails, trying again would fail in the same way. */
function mappable<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UnmappableError(cause);
  }
}
