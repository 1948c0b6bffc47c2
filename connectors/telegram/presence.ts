import type { Address, Chat } from '../../src/connector-api/index.ts';
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
/** Phones hide "typing" after six seconds; the daemon repeats it less often, so that it is repeated here in between. */
const REPEAT_TYPING_MS = 5_000;
/** Beyond the daemon's own repetition nobody types any more. */
const LONGEST_TYPING_MS = 12_000;
/** Courtesies: nothing waits longer for them. */
const PRESENCE_TIMEOUT_MS = 5_000;

const UPDATE_STATUS = 'account.updateStatus';
const SET_TYPING = 'messages.setTyping';

interface Typing {
  readonly address: Address;
  readonly input: TlObject;
  /** Monotonic. */
  readonly until: number;
  timer: Timer | undefined;
}

/** Who types and who is online, outwards, on one connection. */
export class PresenceDesk {
  readonly #line: Caller;
  readonly #clock: Clock;
  readonly #recipients: Recipients;
  /** Told to stay online, until told otherwise. */
  #staysOnline = false;
  #isOnline = false;
  /** Where "typing" is being shown. */
  readonly #typing = new Map<Address, Typing>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(deps: { line: Caller; clock: Clock; recipients: Recipients }) {
    this.#line = deps.line;
    this.#clock = deps.clock;
    this.#recipients = deps.recipients;
  }

  /** Shows or hides "typing"; it is shown until it is hidden, or for a while. */
  async setTyping(chat: Chat, on: boolean): Promise<void> {
    const { input, address } = this.#recipients.require(chat);
    const typing: Typing = { address, input, until: this.#clock.monotonic() + LONGEST_TYPING_MS, timer: undefined };
    this.#typing.get(address)?.timer?.cancel();
    if (on) this.#typing.set(address, typing);
    else this.#typing.delete(address);
    if (on) await this.comeOnline();
    await this.#sayTyping(input, on);
    this.#repeat(typing);
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
    for (const { timer } of this.#typing.values()) timer?.cancel();
    this.#typing.clear();
  }

  /** Unless something else was said about the chat meanwhile. */
  #repeat(typing: Typing): void {
    if (this.#typing.get(typing.address) !== typing) return;
    if (this.#isStopped || this.#clock.monotonic() + REPEAT_TYPING_MS > typing.until) {
      this.#typing.delete(typing.address);
      return;
    }
    typing.timer = this.#clock.after(REPEAT_TYPING_MS, () => {
      void this.#sayTyping(typing.input, true)
        .then(() => this.#repeat(typing))
        .catch(() => this.#typing.delete(typing.address));
    });
  }

  #sayTyping(peer: TlObject, on: boolean): Promise<void> {
    return this.#say({
      _: SET_TYPING,
      peer,
      action: { _: on ? 'sendMessageTypingAction' : 'sendMessageCancelAction' },
    });
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
