import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock, Timer } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';

const SERVER = '@s.whatsapp.net'; // Baileys S_WHATSAPP_NET
const SERVER_PING = 'urn:xmpp:ping';

/** At "open" the server has answered a question that was asked after the wish to be active, so its queue is on its way. */
const FIRST_LOOK_MS = 2_000;
const NEXT_LOOK_MS = 15_000;
/** A server that says nothing to so many wishes does not know them; the canary watches over the rest. */
const MOST_WISHES = 3;

/**
 * What a client owes the server and Baileys leaves out: answers to the server's own pings, word that what was out of date is dealt with,
 * and the wish to be active, said again where the first was lost. Baileys counts as open either way, and a line that has been left passive
 * gets answers and no message. One a socket.
 */
export class Keeper {
  readonly #sock: WASocket;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** The server has begun to send what it has for us. */
  #isActive = false;
  #wishes = 0;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(deps: { sock: WASocket; clock: Clock; log: Logger }) {
    this.#sock = deps.sock;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** In the tick in which the socket was made. */
  start(): void {
    const { ws } = this.#sock;
    const activity = ['CB:ib,,offline', 'CB:ib,,offline_preview', 'CB:message', 'CB:receipt', 'CB:notification'];
    for (const event of activity) ws.on(event, () => (this.#isActive = true));
    ws.on('CB:iq,type:get', (question: BinaryNode) => {
      if (question.attrs['xmlns'] === SERVER_PING) void this.#try(() => this.#answer(question));
    });
    ws.on('CB:ib,,dirty', (news: BinaryNode) => void this.#try(() => this.#clean(news)));
  }

  /** The library counts the connection as open. */
  opened(): void {
    this.#look(FIRST_LOOK_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #answer({ attrs }: BinaryNode): Promise<void> {
    const { id } = attrs;
    await this.#sock.sendNode({
      tag: 'iq',
      attrs: { to: SERVER, type: 'result', ...(id === undefined ? {} : { id }) },
    });
  }

  /** Baileys deals with groups to the end, and cleans what concerns the account one change too late: never the last one. */
  async #clean({ content }: BinaryNode): Promise<void> {
    const { type, timestamp } = (Array.isArray(content) ? content[0]?.attrs : undefined) ?? {};
    if (type === 'account_sync') await this.#sock.cleanDirtyBits(type, timestamp);
  }

  #look(delayMs: number): void {
    if (this.#isActive || this.#stopped || this.#wishes >= MOST_WISHES) return;
    this.#timer = this.#clock.after(delayMs, () => {
      if (this.#isActive || this.#stopped) return;
      this.#wishes += 1;
      this.#log.warn('the server holds back what it has; asking once more to be active', { wishes: this.#wishes });
      void this.#try(() => this.#wish());
      this.#look(NEXT_LOOK_MS);
    });
  }

  async #wish(): Promise<void> {
    const content = [{ tag: 'active', attrs: {} }];
    await this.#sock.query({ tag: 'iq', attrs: { to: SERVER, xmlns: 'passive', type: 'set' }, content });
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.debug('a duty was not done', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }
}
