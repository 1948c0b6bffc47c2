import type { Connection } from './connection.ts';
import { bareJid, isLid, parseJid, withDevice } from './jid.ts';
import { Mailbox } from './mailbox.ts';
import type { KeyBundle, KeySource, PhoneIdentity, Resident } from './resident.ts';

interface OneTimeKey {
  readonly id: number;
  readonly publicKey: Uint8Array;
}

/** A device inside the process. */
export interface ResidentDevice {
  readonly kind: 'resident';
  readonly account: Account;
  readonly number: number;
  readonly mailbox: Mailbox;
  resident: Resident;
  keys: KeySource;
  online: boolean;
  /** True while its `receive` runs. */
  busy: boolean;
}

/** A linked client behind a socket, in its connected and its absent hours. */
export interface CompanionDevice {
  readonly kind: 'companion';
  readonly account: Account;
  readonly number: number;
  readonly mailbox: Mailbox;
  /** Public Noise key of the link; a login must prove the same. */
  readonly noiseKey: Uint8Array;
  readonly identityKey: Uint8Array;
  readonly registrationId: number;
  /** Encoded `ADVSignedDeviceIdentity` with all signatures and the account key, as others receive it. */
  readonly deviceIdentity: Uint8Array;
  signedPreKey: KeyBundle['signedPreKey'];
  oneTimeKeys: OneTimeKey[];
  /** Until the next upload, a client that was told that its keys run low is not told again. */
  warnedOfFewKeys: boolean;
  /** Present while logged in. */
  connection?: Connection;
  /** True once it asked for the active mode on this connection: from then on stanzas flow. */
  active: boolean;
}

export type Device = ResidentDevice | CompanionDevice;

/** A user with a phone number and a hidden address. */
export interface Account {
  readonly pn: string;
  readonly lid: string;
  readonly devices: Map<number, Device>;
  pushName: string | undefined;
  hidesNumber: boolean;
  /** The phone that vouched for the companions, while it is attached. */
  phone?: Resident & PhoneIdentity;
  /** Queues of an earlier life, for residents that have not been attached again yet. */
  readonly waitingMail: Map<number, Mailbox>;
  /** Serial of the next companion; a number is never used twice. */
  nextDevice: number;
}

/** Who exists on the network, by either address. */
export class Directory {
  readonly #byLid = new Map<string, Account>();
  readonly #byPn = new Map<string, Account>();

  accounts(): readonly Account[] {
    return [...this.#byLid.values()];
  }

  companions(): readonly CompanionDevice[] {
    return this.accounts().flatMap((account) => companionsOf(account));
  }

  /** The account of an address of either style, with or without a device. */
  find(jid: string | undefined): Account | undefined {
    if (jid === undefined) return undefined;
    const bare = bareJid(jid);
    return this.#byLid.get(bare) ?? this.#byPn.get(bare);
  }

  findDevice(jid: string | undefined): Device | undefined {
    return this.find(jid)?.devices.get(parseJid(jid)?.device ?? 0);
  }

  /** The account of these addresses, made if it does not exist. */
  open(pn: string, lid: string): Account {
    const known = this.#byLid.get(lid);
    if (known !== undefined) return known;
    const account: Account = {
      pn,
      lid,
      devices: new Map(),
      waitingMail: new Map(),
      pushName: undefined,
      hidesNumber: false,
      nextDevice: 1,
    };
    this.#byLid.set(lid, account);
    this.#byPn.set(pn, account);
    return account;
  }

  attach(resident: Resident, keys: KeySource): ResidentDevice {
    const account = this.open(resident.pn, resident.lid);
    account.pushName = resident.pushName ?? account.pushName;
    account.hidesNumber = resident.hidesNumber ?? false;
    if (isPhone(resident)) account.phone = resident;
    const earlier = account.devices.get(resident.device);
    if (earlier?.kind === 'resident') {
      Object.assign(earlier, { resident, keys, online: true });
      return earlier;
    }
    const device: ResidentDevice = {
      kind: 'resident',
      account,
      number: resident.device,
      mailbox: account.waitingMail.get(resident.device) ?? new Mailbox(),
      resident,
      keys,
      online: true,
      busy: false,
    };
    account.waitingMail.delete(device.number);
    account.devices.set(device.number, device);
    return device;
  }
}

function isPhone(resident: Resident): resident is Resident & PhoneIdentity {
  return 'accountKey' in resident && 'onCompanionOnline' in resident;
}

export function companionsOf(account: Account): readonly CompanionDevice[] {
  return [...account.devices.values()].filter((device) => device.kind === 'companion');
}

/** The device's address, LID style. */
export function lidJidOf(device: Device): string {
  return withDevice(device.account.lid, device.number);
}

/** The device's address in the style of `like`. */
export function jidLike(device: Device, like: string | undefined): string {
  return isLid(like) || device.account.hidesNumber ? lidJidOf(device) : withDevice(device.account.pn, device.number);
}
