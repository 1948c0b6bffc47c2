import type { Clock } from '../../../../src/core/clock.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { EnforceInput } from '../../../box/ban-model/enforce-input.ts';
import { Overseer } from '../../../box/ban-model/overseer.ts';
import { RpcError } from '../rpc.ts';
import type { Watchers } from './happening.ts';
import { isUserKey, userKey } from './peers.ts';
import type { Pushes } from './pushes.ts';
import type { AccountRecord, PeerKey } from './state.ts';

/**
 * Judges accounts as a network would that looks for machines, and punishes as Telegram does: FLOOD_WAIT, PEER_FLOOD,
 * USER_DEACTIVATED_BAN. It reads the texts: this network can.
 */
export class Enforcement {
  readonly #overseer: Overseer;
  readonly #pushes: Pushes;

  constructor(deps: { readonly clock: Clock; readonly pushes: Pushes; readonly watchers: Watchers }) {
    this.#overseer = new Overseer({ clock: deps.clock, network: 'telegram' });
    this.#pushes = deps.pushes;
    deps.watchers.overseeAll((accountId, happening) => {
      // Of others than clients nobody wants to know.
      if (happening.type === 'message' && deps.pushes.keysOf(accountId).length > 0)
        this.#overseer.wrote(nameOf({ id: accountId }), happening.peer);
    });
  }

  enforce(input: EnforceInput | null): void {
    this.#overseer.enforce(input);
  }

  /** Time passes for the judge alone. */
  lapse(byMs: number): void {
    this.#overseer.lapse(byMs);
  }

  state(): JsonObject {
    return this.#overseer.state();
  }

  typed(account: AccountRecord, chat: PeerKey): void {
    this.#overseer.typed(nameOf(account), chat);
  }

  read(account: AccountRecord, chat: PeerKey): void {
    this.#overseer.read(nameOf(account), chat);
  }

  blocked(account: AccountRecord): void {
    this.#overseer.blocked(nameOf(account));
  }

  /** Throws what the client is answered instead. */
  judge(account: AccountRecord, chat: PeerKey, text: string): void {
    if (chat === userKey(account.id)) return;
    const penalty = this.#overseer.judge(nameOf(account), {
      to: chat,
      isGroup: !isUserKey(chat),
      textKey: text === '' ? null : text,
      isUndelivered: false,
      haveSpoken: [...account.box.copies.values()].some(({ peer }) => peer === chat),
    });
    if (penalty === null || penalty.kind === 'warning') return;
    switch (penalty.kind) {
      case 'wait':
        throw new RpcError(420, `FLOOD_WAIT_${this.#overseer.secondsLeft(penalty)}`);
      case 'no_new_chats':
        throw new RpcError(400, 'PEER_FLOOD');
      case 'temporary_ban': // no such thing here
      case 'permanent_ban':
        account.standing = 'banned';
        this.#pushes.tooLong(account);
        throw new RpcError(401, 'USER_DEACTIVATED_BAN');
    }
  }
}

function nameOf({ id }: Pick<AccountRecord, 'id'>): string {
  return `u${id}`;
}
