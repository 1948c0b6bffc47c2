import type { Chat } from '../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../src/core/clock.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import type { Recipients } from './recipients.ts';
import type { TlObject } from './tl.ts';

/**
 * An account that types is online, and goes away some time after the last key. Longer would keep the staff's own phones silent:
 * they get no push message while another client of the account is online.
 */
const AWAY_AFTER_TYPING_MS = 25_000;
/** Telegram takes a client for gone that has not said this for some five minutes; its apps repeat it every 210 s (`help.getConfig`). */
const RENEW_ONLINE_MS = 200_000;
/** Courtesies: nothing waits longer for them. */
const PRESENCE_TIMEOUT_MS = 5_000;

const UPDATE_STATUS = 'account.updateStatus';
const SET_TYPING = 'messages.setTyping';

/** Who types and who is online, outwards, on one connection. */
export class PresenceDesk {
  readonly #line: Caller;
  readonly #clock: Clock;
  readonly #recipients: Recipients;
  /** Told to stay online, until told otherwise. */
  #staysOnline = false;
  #isOnline = false;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(deps: { line: Caller; clock: Clock; recipients: Recipients }) {
    this.#line = deps.line;
    this.#clock = deps.clock;
    this.#recipients = deps.recipients;
  }

  /** Phones hide the sign after some six seconds without a renewal, which is the daemon's business. */
  async setTyping(chat: Chat, on: boolean): Promise<void> {
    const { input } = this.#recipients.require(chat);
    if (on) await this.comeOnline();
    const action = { _: on ? 'sendMessageTypingAction' : 'sendMessageCancelAction' };
    await this.#say({ _: SET_TYPING, peer: input, action });
  }

  async setOnline(online: boolean): Promise<void> {
    this.#staysOnline = online;
    await this.#tell(online);
    this.#plan();
  }

  /** Online for a while, as whoever opens a chat and writes there. Never rejects. */
  async comeOnline(): Promise<void> {
    if (!this.#isOnline) await this.#tell(true).catch(() => undefined);
    this.#plan();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isStopped || !this.#isOnline) return;
    const delayMs = this.#staysOnline ? RENEW_ONLINE_MS : AWAY_AFTER_TYPING_MS;
    this.#timer = this.#clock.after(delayMs, () => {
      // The line may be gone, and the account away with it.
      void this.#tell(this.#staysOnline)
        .catch(() => undefined)
        .then(() => this.#plan());
    });
  }

  async #tell(online: boolean): Promise<void> {
    await this.#say({ _: UPDATE_STATUS, offline: !online });
    this.#isOnline = online;
  }

  async #say(call: TlObject): Promise<void> {
    try {
      await this.#line.invoke(call, { timeoutMs: PRESENCE_TIMEOUT_MS });
    } catch (error) {
      throw toSendError(error, call._);
    }
  }
}
