import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { EnforceInput } from '../../box/ban-model/enforce-input.ts';
import { Overseer } from '../../box/ban-model/overseer.ts';
import { NEW_CHAT_QUOTA } from '../../box/ban-model/signs-of-people.ts';
import type { Penalty, QuotaStanding } from '../../box/ban-model/types.ts';
import type { CompanionDevice, Directory } from './directory.ts';
import type { Faults } from './faults.ts';
import { bareJid, isGroup, isSameUser } from './jid.ts';
import type { Ledger } from './ledger.ts';
import type { Verdict } from './messages.ts';
import type { Quota, QuotaStatus } from './quotas.ts';
import type { Traffic, TrafficEvent } from './traffic.ts';
import { childrenOf } from './wire/stanza.ts';

const NO_NEW_CHATS = '463';
/** The words of the network for how an account stands with its quota. */
const STATUSES: Readonly<Record<QuotaStanding, QuotaStatus>> = {
  free: 'NONE',
  first: 'FIRST_WARNING',
  second: 'SECOND_WARNING',
  used_up: 'CAPPED',
};

/**
 * Judges accounts as a network would that looks for machines, and punishes as WhatsApp does: ack error 463 with a time-lock, 402 with
 * its code, 403. Texts are sealed, so it cannot know that two are the same.
 */
export class Enforcement {
  readonly #directory: Directory;
  readonly #faults: Faults;
  readonly #ledger: Ledger;
  readonly #overseer: Overseer;

  constructor(deps: { clock: Clock; directory: Directory; faults: Faults; ledger: Ledger; traffic: Traffic }) {
    this.#directory = deps.directory;
    this.#faults = deps.faults;
    this.#ledger = deps.ledger;
    this.#overseer = new Overseer({ clock: deps.clock, network: 'whatsapp' });
    deps.traffic.listen((event) => this.#see(event));
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

  /** Of the account of a device, as the model counts it; undefined where none judges by it. */
  quotaOf(deviceJid: string): Quota | undefined {
    const quota = this.#overseer.quotaOf(this.#nameOf(deviceJid));
    return quota && { ...quota, status: STATUSES[quota.standing] };
  }

  /** What the client is answered instead of an ack that all is well; undefined lets the message go its way. */
  judge({ account }: CompanionDevice, stanza: BinaryNode): Verdict | undefined {
    const { to, category, edit } = stanza.attrs;
    const isResent = childrenOf(stanza, 'participants').length === 0;
    if (to === undefined || category !== undefined || edit !== undefined || isResent || to === 'status@broadcast')
      return undefined;
    const chat = this.#nameOf(to);
    if (isSameUser(chat, account.lid)) return undefined;
    const penalty = this.#overseer.judge(account.lid, {
      to: chat,
      isGroup: isGroup(to),
      textKey: null,
      isUndelivered: !isGroup(to) && this.#directory.find(to) === undefined,
      haveSpoken: isGroup(to) || this.#ledger.haveSpoken(account.lid, chat),
    });
    return penalty === null ? undefined : this.#punish(account.lid, penalty);
  }

  #see({ kind, account, type, peer }: TrafficEvent): void {
    if (peer === undefined) return;
    const own = bareJid(account);
    if (kind === 'chatstate') this.#overseer.typed(own, this.#nameOf(peer));
    else if (kind === 'receipt' && type === 'read') this.#overseer.read(own, this.#nameOf(peer));
    else if (kind === 'delivered' && type === 'message') this.#overseer.wrote(own, this.#nameOf(peer));
  }

  #punish(account: string, penalty: Penalty): Verdict | undefined {
    const isQuota = penalty.because.clause === NEW_CHAT_QUOTA;
    switch (penalty.kind) {
      case 'warning':
        if (isQuota) this.#faults.newChats.announceQuota(account);
        return undefined;
      case 'wait':
      case 'no_new_chats':
        if (isQuota) {
          this.#faults.newChats.announceQuota(account);
          return { error: NO_NEW_CHATS };
        }
        this.#faults.timelock(account, this.#overseer.secondsLeft(penalty));
        return { error: NO_NEW_CHATS };
      case 'temporary_ban':
        this.#faults.tempBan(account, { code: penalty.code, expireSeconds: this.#overseer.secondsLeft(penalty) });
        return { error: NO_NEW_CHATS };
      case 'permanent_ban':
        this.#faults.ban(account);
        return { error: NO_NEW_CHATS };
    }
  }

  #nameOf(address: string): string {
    return this.#directory.find(address)?.lid ?? bareJid(address);
  }
}
