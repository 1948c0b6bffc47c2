import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { Applicant } from './applicant.ts';
import type { Connection } from './connection.ts';
import type { VouchedIdentity } from './device-identity.ts';
import { completeIdentity, sealForCompanion, vouchFor } from './device-identity.ts';
import type { DeviceNews } from './device-news.ts';
import type { Account, CompanionDevice, Directory } from './directory.ts';
import { lidJidOf } from './directory.ts';
import { withDevice } from './jid.ts';
import { LinkCodeDesk } from './link-code.ts';
import { Mailbox } from './mailbox.ts';
import type { PhoneIdentity, Resident } from './resident.ts';
import type { Traffic } from './traffic.ts';
import type { ViolationLog } from './violations.ts';
import { bytesOf, childOf, childrenOf, node, SERVER_JID } from './wire/stanza.ts';

const REFS_PER_CLIENT = 6; // each becomes one QR code; when all have been shown the client gives up (408)
const RESTART_REQUIRED = '515'; // a freshly linked client must come back and log in

interface Ceremony {
  readonly applicant: Applicant;
  readonly account: Account;
  readonly phone: Resident & PhoneIdentity;
  readonly number: number;
  readonly vouched: VouchedIdentity;
  readonly iqId: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Links clients to accounts: hands out QR references, and when a phone scans one, runs the exchange of signatures. */
export class PairingDesk {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #news: DeviceNews;
  readonly #violations: ViolationLog;
  readonly #traffic: Traffic;
  readonly #codes: LinkCodeDesk;
  readonly #applicants = new Map<Connection, Applicant>();
  readonly #ceremonies = new Map<Connection, Ceremony>();
  #serial = 0;

  constructor(deps: {
    clock: Clock;
    random: Random;
    directory: Directory;
    news: DeviceNews;
    violations: ViolationLog;
    traffic: Traffic;
  }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#directory = deps.directory;
    this.#news = deps.news;
    this.#violations = deps.violations;
    this.#traffic = deps.traffic;
    this.#codes = new LinkCodeDesk(deps);
  }

  makeRefs(): string[] {
    return Array.from(
      { length: REFS_PER_CLIENT },
      () => `2@${Buffer.from(this.#random.bytes(32)).toString('base64url')}`,
    );
  }

  /** Invites the client to show its QR codes. */
  admit(applicant: Applicant): void {
    this.#applicants.set(applicant.connection, applicant);
    const refs = applicant.refs.map((ref) => node('ref', {}, Buffer.from(ref)));
    const attrs = { from: SERVER_JID, type: 'set', id: this.#nextId(), xmlns: 'md' };
    applicant.connection.send(node('iq', attrs, [node('pair-device', {}, refs)]));
  }

  /** A phone scans the whole text of a QR code. Rejects when it names no client that waits, or the exchange fails. */
  async scan(qr: string, phone: Resident & PhoneIdentity): Promise<void> {
    const [ref = '', noiseKey = '', identityKey = '', advSecret = ''] = qr.slice(qr.indexOf('#') + 1).split(',');
    const applicant = [...this.#applicants.values()].find((candidate) => candidate.refs.includes(ref));
    if (applicant === undefined) throw new Error('nobody waits with this QR code; it may have expired');
    if (
      !Buffer.from(noiseKey, 'base64').equals(applicant.noiseKey) ||
      !Buffer.from(identityKey, 'base64').equals(applicant.identityKey)
    ) {
      this.#violations.record('malformed', applicant.connection.label, 'the QR code names other keys than the socket');
      throw new Error('the QR code names other keys than its client registered');
    }
    await this.#link(applicant, Buffer.from(advSecret, 'base64'), phone);
  }

  /** A person types the code that a companion shows into the phone. Rejects as {@link LinkCodeDesk.enter} does. */
  async enterCode(code: string, phone: Resident & PhoneIdentity): Promise<void> {
    const { applicant, advSecret } = await this.#codes.enter(code, phone);
    await this.#link(applicant, advSecret, phone);
  }

  /** Makes the applicant a companion of the phone's account, once both know `advSecret`. */
  async #link(applicant: Applicant, advSecret: Uint8Array, phone: Resident & PhoneIdentity): Promise<void> {
    const account = this.#directory.open(phone.pn, phone.lid);
    const number = account.nextDevice;
    account.nextDevice += 1;
    account.phone = phone;
    const vouched = vouchFor(phone, applicant.identityKey, {
      keyIndex: number,
      rawId: Buffer.from(this.#random.bytes(4)).readUInt32BE(0) >>> 1,
      timestampSeconds: this.#now(),
    });
    const iqId = this.#nextId();
    const linked = new Promise<void>((resolve, reject) => {
      this.#ceremonies.set(applicant.connection, { applicant, account, phone, number, vouched, iqId, resolve, reject });
    });
    const device = { jid: withDevice(account.pn, number), lid: withDevice(account.lid, number) };
    const success = node('pair-success', {}, [
      node('device-identity', {}, sealForCompanion(vouched, advSecret)),
      node('platform', { name: 'android' }),
      node('device', device),
    ]);
    const attrs = { from: SERVER_JID, type: 'set', id: iqId, xmlns: 'md', t: String(this.#now()) };
    applicant.connection.send(node('iq', attrs, [success]));
    await linked;
  }

  /** What an unlinked client says. */
  receive(connection: Connection, stanza: BinaryNode): void {
    if (stanza.tag === 'iq' && stanza.attrs['type'] !== 'result') {
      this.#answer(connection, stanza);
      return;
    }
    const ceremony = this.#ceremonies.get(connection);
    if (ceremony === undefined || stanza.attrs['id'] !== ceremony.iqId) return; // the answer to <pair-device>
    this.#ceremonies.delete(connection);
    const answer = bytesOf(childOf(childOf(stanza, 'pair-device-sign'), 'device-identity'));
    const checked =
      answer === undefined
        ? { problem: 'no signed device identity in the answer' }
        : completeIdentity(ceremony.vouched, ceremony.applicant.identityKey, answer);
    if ('problem' in checked) {
      this.#violations.record('bad_signature', connection.label, checked.problem);
      connection.end(node('stream:error', { code: '401' }));
      ceremony.reject(new Error(checked.problem));
      return;
    }
    this.#enrol(ceremony, checked.identity);
  }

  /** The socket is gone; a scan that waits for its answer fails. */
  forget(connection: Connection): void {
    const applicant = this.#applicants.get(connection);
    this.#applicants.delete(connection);
    if (applicant !== undefined) this.#codes.forget(applicant);
    this.#ceremonies.get(connection)?.reject(new Error('the client left before it answered'));
    this.#ceremonies.delete(connection);
  }

  #answer(connection: Connection, stanza: BinaryNode): void {
    const applicant = this.#applicants.get(connection);
    const request = childrenOf(stanza)[0];
    const isCode = applicant !== undefined && request?.tag === 'link_code_companion_reg';
    const isPing = stanza.attrs['xmlns'] === 'w:p'; // a QR code may be on show for minutes
    const content = isCode ? this.#codes.receive(applicant, request) : isPing ? [] : undefined;
    const attrs = { from: SERVER_JID, id: stanza.attrs['id'] };
    if (content !== undefined) {
      connection.send(node('iq', { ...attrs, type: 'result' }, content));
      return;
    }
    this.#violations.record('unknown_iq', connection.label, `before linking: ${request?.tag ?? '-'}`);
    connection.send(node('iq', { ...attrs, type: 'error' }, [node('error', { code: '400', text: 'bad-request' })]));
  }

  #enrol({ applicant, account, phone, number, resolve }: Ceremony, deviceIdentity: Uint8Array): void {
    const device: CompanionDevice = {
      kind: 'companion',
      account,
      number,
      mailbox: new Mailbox(),
      noiseKey: applicant.noiseKey,
      identityKey: applicant.identityKey,
      registrationId: applicant.registrationId,
      deviceIdentity,
      signedPreKey: applicant.signedPreKey,
      oneTimeKeys: [],
      warnedOfFewKeys: false,
      active: false,
    };
    account.devices.set(number, device);
    this.#news.publish('add', device);
    this.#applicants.delete(applicant.connection);
    this.#traffic.note({ kind: 'linked', account: lidJidOf(device) });
    applicant.connection.end(node('stream:error', { code: RESTART_REQUIRED }));
    phone.onCompanionLinked(lidJidOf(device), device.identityKey).then(resolve, (error: unknown) => {
      this.#violations.record('resident_failed', lidJidOf(device), `onCompanionLinked: ${String(error)}`);
      resolve();
    });
  }

  #nextId(): string {
    this.#serial += 1;
    return `pair-${String(this.#serial)}`;
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
