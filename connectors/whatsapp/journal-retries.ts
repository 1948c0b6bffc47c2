import type { WASocket } from '@whiskeysockets/baileys';
import type { Clock, Timer } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Baileys } from './baileys.ts';
import type { Journal } from './journal.ts';
import type { MissingMessage } from './journal-missing.ts';

/** After `open` the server first sends what it still holds; asking earlier would ask for what is on its way. */
const SETTLE_MS = 3_000;
/** Between two looks at what is missing. */
const LOOK_EVERY_MS = 15_000;
/** Between two requests, so that a long outage does not end in a burst. */
const PAUSE_MS = 500;
/** Waiting time before request n + 1; after the last the account's own phone is asked instead. */
const WAITS_MS = [0, 30_000, 120_000, 600_000, 1_800_000] as const;
/** WhatsApp's own clients stop at five retry receipts a message, and the server counts. */
const MOST_TRIES = WAITS_MS.length;
/** Guests' phones that were off for a moment have answered by then; a person should hear of the gap while it matters. */
const GIVE_UP_AFTER_MS = 60 * 60 * 1000;

/** Asks again for messages that could not be read, while a socket is open. One a socket. */
export class MissingRetries {
  readonly #baileys: Baileys;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sock: WASocket;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(deps: { baileys: Baileys; journal: Journal; clock: Clock; log: Logger; sock: WASocket }) {
    this.#baileys = deps.baileys;
    this.#journal = deps.journal;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#sock = deps.sock;
  }

  /** Called when the connection is open. */
  start(): void {
    this.#schedule(SETTLE_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const due = this.#due();
    if (due === undefined) {
      this.#schedule(LOOK_EVERY_MS);
      return;
    }
    await this.#ask(due);
    this.#schedule(PAUSE_MS);
  }

  #due(): MissingMessage | undefined {
    try {
      const now = this.#clock.now();
      for (const missing of this.#journal.missing.all()) {
        if (missing.tries >= MOST_TRIES && now - missing.firstAt > GIVE_UP_AFTER_MS) {
          this.#log.error('message could not be read', { tries: missing.tries });
          this.#journal.giveUp(missing.stanza);
        } else if (missing.tries < MOST_TRIES && now - (missing.lastTryAt ?? 0) >= (WAITS_MS[missing.tries] ?? 0)) {
          return missing;
        }
      }
    } catch (error) {
      this.#log.error('missing messages not readable', { error: error instanceof Error ? error : undefined });
    }
    return undefined;
  }

  async #ask(missing: MissingMessage): Promise<void> {
    try {
      this.#journal.missing.noteTry(missing);
      const isLast = missing.tries + 1 >= MOST_TRIES;
      if (isLast || !hasCiphertext(missing)) await this.#askPhone(missing);
      else await this.#sock.sendRetryRequest(missing.stanza, true);
    } catch (error) {
      this.#log.warn('message not asked for', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }

  async #askPhone(missing: MissingMessage): Promise<void> {
    const me = this.#sock.authState.creds.me;
    const { fullMessage } = this.#baileys.decodeMessageNode(missing.stanza, me?.id ?? '', me?.lid ?? '');
    const { remoteJid, fromMe, id, participant } = fullMessage.key;
    await this.#sock.requestPlaceholderResend({
      remoteJid: remoteJid ?? null,
      fromMe: fromMe ?? null,
      id: id ?? null,
      participant: participant ?? null,
    });
  }
}

function hasCiphertext({ stanza }: MissingMessage): boolean {
  return Array.isArray(stanza.content) && stanza.content.some(({ tag }) => tag === 'enc');
}
