import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Chat, ConnectorEvent } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { AddressLookup } from './address-lookup.ts';
import { destinationOf } from './chats.ts';
import { addressOfJid } from './ids.ts';
import { mapChatState, mapPresence } from './map-presence.ts';
import type { Line } from './socket.ts';

/** As many chats as a person keeps open in a day; beyond it the first are asked for again. */
const MOST_SUBSCRIPTIONS = 200;

/**
 * A client that types is online, and goes away some time after the last key. Longer would keep the staff's own phones
 * silent: they get no push message while any client of the account is online.
 */
const AWAY_AFTER_TYPING_MS = 25_000;

/** Who types and who is online, both ways, on one connection. */
export class PresenceDesk {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #subscribed = new Set<string>();
  /** Told to stay online, until told otherwise. */
  #staysOnline = false;
  #away: Timer | undefined;

  constructor(deps: {
    line: Line;
    clock: Clock;
    lookup: AddressLookup;
    log: Logger;
    emit: (event: ConnectorEvent) => Promise<void>;
  }) {
    this.#line = deps.line;
    this.#clock = deps.clock;
    void deps.line.ended.then(() => this.#away?.cancel());
    const tell = (event: ConnectorEvent | undefined): void => {
      if (event === undefined) return;
      deps.emit(event).catch((error: unknown) => {
        deps.log.debug('a live event was dropped', { error: error instanceof Error ? error : undefined });
      });
    };
    const { ws, ev } = deps.line.sock;
    ws.on('CB:chatstate', (stanza: BinaryNode) => tell(mapChatState(stanza, deps.lookup.bookFor(stanza))));
    ws.on('CB:presence', (stanza: BinaryNode) => tell(mapPresence(stanza, deps.lookup.bookFor(stanza))));
    ev.on('lid-mapping.update', ({ lid, pn }) => {
      const addresses = [addressOfJid(pn), addressOfJid(lid)].filter((address) => address !== undefined);
      const [first, ...rest] = addresses;
      if (first !== undefined && rest.length > 0) tell({ type: 'identity', person: { addresses: [first, ...rest] } });
    });
  }

  /**
   * Shows or hides "typing". As a client does when a person opens a chat, it asks to hear of the guest's own typing, and is
   * online meanwhile: guests see neither otherwise.
   */
  async setTyping(chat: Chat, on: boolean): Promise<void> {
    const jid = destinationOf(chat);
    if (jid === undefined) throw new SendError('recipient_unknown', { certainty: 'not_sent', retryable: false });
    await this.#write(async () => {
      if (on) await this.#comeOnline();
      if (on && chat.kind === 'direct') await this.#subscribe(jid);
      await this.#line.sock.sendPresenceUpdate(on ? 'composing' : 'paused', jid);
    });
  }

  async setOnline(online: boolean): Promise<void> {
    this.#staysOnline = online;
    this.#away?.cancel();
    this.#away = undefined;
    await this.#write(() => this.#line.sock.sendPresenceUpdate(online ? 'available' : 'unavailable'));
  }

  async #comeOnline(): Promise<void> {
    if (this.#staysOnline) return;
    const wasAway = this.#away === undefined;
    this.#away?.cancel();
    this.#away = this.#clock.after(AWAY_AFTER_TYPING_MS, () => {
      this.setOnline(false).catch(() => undefined); // the line is gone, and the account away with it
    });
    if (wasAway) await this.#line.sock.sendPresenceUpdate('available');
  }

  async #subscribe(jid: string): Promise<void> {
    if (this.#subscribed.has(jid)) return;
    const [oldest] = this.#subscribed;
    if (this.#subscribed.size >= MOST_SUBSCRIPTIONS && oldest !== undefined) this.#subscribed.delete(oldest);
    this.#subscribed.add(jid);
    await this.#line.sock.presenceSubscribe(jid);
  }

  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw new SendError('session_down', { certainty: 'not_sent', retryable: true, cause });
    }
  }
}
