import type { Penalty } from '../../connectors/box/ban-model/types.ts';
import type { Address, DisconnectCause, OutboundMessage } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { isTalk, laneOf } from '../../src/engine/pacing/lanes.ts';
import type { ChatFacts, Intent, Lane } from '../../src/engine/pacing/types.ts';
import type { SessionOperations } from '../../src/engine/ports/index.ts';
import type { FakeLine } from './fake-host.ts';
import type { HotelLog } from './hotel-log.ts';
import { isFirstWord } from './hotel-log.ts';
import type { HotelMonth } from './hotel-month.ts';
import type { HotelNetwork } from './hotel-network.ts';

/** What the network does of its own accord with a message that comes in; `null`: what its models say. */
export type Verdict = (send: { readonly chat: string; readonly isFirstWord: boolean }) => Penalty | null;

/** A message that the network has taken; `facts` as they were before it. */
export interface Taken {
  readonly message: OutboundMessage;
  readonly guest: string;
  readonly lane: Lane;
  readonly facts: ChatFacts;
  /** To be called once it is on the guest's phone. */
  readonly arrived: () => void;
}

export interface WireDeps {
  readonly line: FakeLine;
  readonly clock: Clock;
  readonly month: HotelMonth;
  readonly network: HotelNetwork;
  readonly verdict: Verdict;
  readonly log: HotelLog;
  readonly guestOf: (address: Address) => string;
  /** What was handed over with this text; absent for what the engine says of its own accord. */
  readonly intentOf: (address: Address, body: string) => Intent | undefined;
  readonly onTaken: (taken: Taken) => void;
}

/** The network's end of a scripted line: sees who types and reads, has each message judged, and refuses as networks do. */
export class HotelWire {
  readonly #deps: WireDeps;
  /** When typing began that no message has followed yet. */
  readonly #typing = new Map<Address, number>();
  readonly #readAt = new Map<Address, number>();

  constructor(deps: WireDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { line, clock } = this.#deps;
    line.onCall = (operation) => {
      // The fake has just written down what the engine calls it with.
      const input = line.calls.at(-1)?.input;
      if (operation === 'setTyping') {
        const { chat, on } = input as SessionOperations['setTyping']['input'];
        const [address] = chat.addresses;
        if (!on) this.#typing.delete(address);
        else if (!this.#typing.has(address)) this.#typing.set(address, clock.now());
      } else if (operation === 'markRead') {
        const { chat } = input as SessionOperations['markRead']['input'];
        this.#readAt.set(chat.addresses[0], clock.now());
      }
    };
    line.sends.push((message) => this.#take(message));
  }

  async #take(message: OutboundMessage): Promise<void> {
    const { line, clock, month, network, verdict, log, guestOf, intentOf, onTaken } = this.#deps;
    line.sends.push((next) => this.#take(next));
    const at = clock.now();
    const [address] = message.chat.addresses;
    const guest = guestOf(address);
    const body = message.content.type === 'text' ? message.content.body : '';
    const intent = intentOf(address, body);
    const facts = log.facts(guest);
    const lane = intent === undefined ? 'reply' : laneOf(intent, facts, at);
    const hasRead = (this.#readAt.get(address) ?? -Infinity) >= (facts.lastInboundAt ?? -Infinity);
    const penalty =
      verdict({ chat: guest, isFirstWord: !isTalk(lane) && isFirstWord(facts) }) ??
      network.take({
        at,
        to: guest,
        isGroup: guest === 'group',
        textKey: intent?.textKey ?? null,
        typedMs: at - (this.#typing.get(address) ?? at),
        hasRead: facts.unreadWords === 0 ? null : hasRead,
        isUndelivered: month.guests.get(guest)?.isOnNetwork !== true,
      });
    if (penalty !== null) this.#refuse(penalty);
    line.deliver(message);
    const arrived = log.sent({ messageId: message.networkId, conversationId: guest, at, lane, textKey: body });
    onTaken({ message, guest, lane, facts, arrived });
  }

  /** As connectors tell it; a warning lets the message pass. */
  #refuse(penalty: Penalty): void {
    switch (penalty.kind) {
      case 'warning':
        return;
      case 'wait':
        throw this.#limit('account', penalty.until);
      case 'no_new_chats':
        throw this.#limit('new_chats', penalty.until);
      case 'temporary_ban':
        throw this.#drop({
          kind: 'restricted',
          code: 'fake_temporary_ban',
          retryAfterMs: penalty.until - this.#deps.clock.now(),
        });
      case 'permanent_ban':
        throw this.#drop({ kind: 'banned', code: 'fake_banned' });
    }
  }

  #limit(scope: 'account' | 'new_chats', until: number): SendError {
    const nativeCode = scope === 'account' ? 'FLOOD_WAIT' : '463';
    const retryAfterMs = until - this.#deps.clock.now();
    return new SendError('rate_limited', { certainty: 'not_sent', retryable: true, scope, nativeCode, retryAfterMs });
  }

  #drop(cause: DisconnectCause): SendError {
    const { line, clock } = this.#deps;
    clock.after(1, () => void line.drop(cause));
    return new SendError('session_down', { certainty: 'not_sent', retryable: true });
  }
}
