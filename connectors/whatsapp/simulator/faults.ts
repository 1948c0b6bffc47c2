import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { EnforceInput } from '../../box/ban-model/enforce-input.ts';
import type { FaultActions, Silence, Stall } from './fault-actions.ts';
import { SpoiltMessages } from './garble.ts';
import type { Lines, Target } from './lines.ts';
import { EVERYONE } from './lines.ts';
import type { ClientVersion, TemporaryBan, VersionRange } from './login-rules.ts';
import { LoginRules } from './login-rules.ts';
import { NewChatRules } from './new-chat-rules.ts';
import type { AckFault } from './one-shots.ts';
import { OneShots } from './one-shots.ts';
import type { ChainVariant } from './wire/certificates.ts';
import { node } from './wire/stanza.ts';

/** The levers: everything that goes wrong on a real network, on demand, for one account or device or for all. */
export class Faults {
  readonly newChats: NewChatRules;
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #actions: FaultActions;
  readonly #logins: LoginRules;
  readonly #spoilt = new SpoiltMessages();
  /** Devices whose lines are selectively deaf. */
  readonly #withheld = new Set<string>();
  readonly #oneShots: OneShots;
  #upgradeStatus: number | undefined;
  #stall: Stall | undefined;
  #chain: ChainVariant = 'genuine';

  constructor(deps: { clock: Clock; lines: Lines; actions: FaultActions }) {
    this.#clock = deps.clock;
    this.#lines = deps.lines;
    this.#actions = deps.actions;
    this.#logins = new LoginRules(deps);
    this.#oneShots = new OneShots(deps);
    this.newChats = new NewChatRules(deps);
  }

  /** Other client versions are refused with 405 from now on; sessions that are up stay up. */
  acceptVersions(range: VersionRange, target: Target = EVERYONE): void {
    this.#logins.acceptVersions(range, target);
  }

  /** New sockets get this HTTP status instead of an upgrade; undefined lets them in again. */
  refuseUpgrade(status: number | undefined): void {
    this.#upgradeStatus = status;
  }

  /** New sockets are left waiting; undefined serves them again. */
  stall(at: Stall | undefined): void {
    this.#stall = at;
  }

  /** New connections see this certificate chain. */
  showCertificates(variant: ChainVariant): void {
    this.#chain = variant;
  }

  /** TCP ends without a word. */
  cut(target: Target = EVERYONE): void {
    for (const line of this.#lines.of(target)) line.destroy();
  }

  /** The line stays up and carries nothing. What the client says meanwhile is lost. */
  silence(target: Target = EVERYONE, direction: Silence = 'both'): void {
    for (const line of this.#lines.of(target)) {
      line.muted = line.muted || direction !== 'from_client';
      line.deaf = line.deaf || direction !== 'to_client';
    }
  }

  /**
   * The server goes on answering, and sends nothing of its own accord: messages, receipts and notifications wait, who types or is online
   * is not told. Ends with {@link speak}, and for a device with its next login.
   */
  withhold(target: Target = EVERYONE): void {
    for (const deviceJid of this.#lines.companions(target)) this.#withheld.add(deviceJid);
  }

  /** Ends a silence or a withholding, and sends what waited. */
  speak(target: Target = EVERYONE): void {
    for (const deviceJid of this.#lines.companions(target)) this.#withheld.delete(deviceJid);
    for (const line of this.#lines.of(target)) {
      line.muted = false;
      line.deaf = false;
      this.#actions.catchUp(line.label);
    }
  }

  /** 440: told that another client uses the same link. */
  replace(target: Target = EVERYONE): void {
    this.#end(target, node('stream:error', {}, [node('conflict', { type: 'replaced' })]));
  }

  /** 401 device_removed: the link is gone, now and for later logins. */
  logOut(target: Target = EVERYONE): void {
    for (const deviceJid of this.#lines.companions(target)) this.#actions.unlink(deviceJid);
  }

  /** 403, now and at each login until {@link lift}. */
  ban(target: Target = EVERYONE): void {
    this.#fail(target, node('failure', { reason: '403' }));
  }

  /** 402 with its code and time, now and at each login until the time is over. */
  tempBan(target: Target, { code, expireSeconds }: TemporaryBan): void {
    const failure = node('failure', { reason: '402', code: String(code), expire: String(expireSeconds) });
    this.#fail(target, failure, this.#clock.now() + expireSeconds * 1000);
  }

  /**
   * The account may write in chats that exist but begin no new one (ack error 463) for so long; 0 takes the lock away. Its
   * clients are told either way.
   */
  timelock(target: Target, seconds: number): void {
    this.newChats.lock(target, seconds);
  }

  /**
   * How the account stands with its quota of new chats until the cycle ends in so many seconds; while `CAPPED` it begins none (ack error
   * 463). Its clients are told.
   */
  quota(target: Target, quota: Parameters<NewChatRules['count']>[1]): void {
    this.newChats.count(target, quota);
  }

  /** 503, now and at each login until {@link lift}. */
  outage(target: Target = EVERYONE): void {
    this.#logins.refuse(target, node('failure', { reason: '503' }));
    this.#end(target, node('stream:error', { code: '503' }));
  }

  /** Any other refusal of logins, by its number; sessions that are up stay up. */
  refuseLogins(target: Target, reason: number): void {
    this.#logins.refuse(target, node('failure', { reason: String(reason) }));
  }

  /** Ends live sessions with `<stream:error>`; without a code clients take it for 500. */
  streamError(target: Target = EVERYONE, code?: number): void {
    this.#end(target, node('stream:error', { code: code === undefined ? undefined : String(code) }));
  }

  /** An orderly end of the stream without a reason (428). */
  endStream(target: Target = EVERYONE): void {
    for (const line of this.#lines.of(target)) line.end();
  }

  /** Takes bans, outages and version rules for this target away. */
  lift(target: Target = EVERYONE): void {
    this.#logins.lift(target);
  }

  /** What happens to the next message the target sends; may be called several times for several messages. */
  onNextMessage(target: Target, fault: AckFault): void {
    this.#oneShots.add({ kind: 'ack', target, fault });
  }

  /** The target's next receipt is lost on the way: the server keeps its stanza and tells nobody. */
  dropNextReceipt(target: Target = EVERYONE): void {
    this.#oneShots.add({ kind: 'receipt', target });
  }

  /** The next message for the target arrives with altered cipher text. */
  garbleNext(target: Target = EVERYONE): void {
    this.#oneShots.add({ kind: 'garble', target });
  }

  /** The target's next wish for the active mode is refused: the line stays passive, and nothing is sent to it. */
  refuseNextActive(target: Target = EVERYONE): void {
    this.#oneShots.add({ kind: 'active', target });
  }

  /** The network looks for machines from now on. */
  enforce(input: EnforceInput): void {
    this.#actions.enforce(input);
  }

  /** Everything works again; lines that were cut or ended stay so. */
  clear(): void {
    this.#oneShots.clear();
    this.newChats.clear();
    this.#actions.enforce(null);
    this.#upgradeStatus = undefined;
    this.#stall = undefined;
    this.#chain = 'genuine';
    this.#logins.lift(EVERYONE);
    this.speak(EVERYONE);
  }

  // What the network asks.

  get upgradeStatus(): number | undefined {
    return this.#upgradeStatus;
  }

  get stalledAt(): Stall | undefined {
    return this.#stall;
  }

  get chain(): ChainVariant {
    return this.#chain;
  }

  refuseLogin(deviceJid: string | undefined, version: ClientVersion): BinaryNode | undefined {
    return this.#logins.verdict(deviceJid, version);
  }

  withholdsFrom(deviceJid: string): boolean {
    return this.#withheld.has(deviceJid);
  }

  /** The device has logged in: a new line hears everything. */
  endWithholding(deviceJid: string): void {
    this.#withheld.delete(deviceJid);
  }

  takeActiveRefusal(deviceJid: string): boolean {
    return this.#oneShots.take('active', deviceJid) !== undefined;
  }

  takeAckFault(deviceJid: string): AckFault {
    const shot = this.#oneShots.take('ack', deviceJid);
    return shot?.kind === 'ack' ? shot.fault : {};
  }

  takeReceiptLoss(deviceJid: string): boolean {
    return this.#oneShots.take('receipt', deviceJid) !== undefined;
  }

  /** The stanza as the device shall get it. */
  spoil(deviceJid: string, stanza: BinaryNode): BinaryNode {
    if (stanza.tag !== 'message' || this.#oneShots.take('garble', deviceJid) === undefined) return stanza;
    return this.#spoilt.garble(deviceJid, stanza);
  }

  /** True when the device got this message spoilt on purpose. */
  wasSpoilt(deviceJid: string, messageId: string): boolean {
    return this.#spoilt.has(deviceJid, messageId);
  }

  #fail(target: Target, failure: BinaryNode, until?: number): void {
    this.#logins.refuse(target, failure, until);
    this.#end(target, failure);
  }

  #end(target: Target, last: BinaryNode): void {
    for (const line of this.#lines.of(target)) line.end(last);
  }
}
