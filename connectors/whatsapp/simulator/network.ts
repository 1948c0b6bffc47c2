import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import { ClientDesk } from './client-desk.ts';
import { Connection } from './connection.ts';
import type { Device } from './directory.ts';
import { companionsOf, Directory, lidJidOf } from './directory.ts';
import { Faults } from './faults.ts';
import { GroupActions } from './group-actions.ts';
import { Groups } from './groups.ts';
import { makeAccountQueries } from './iq/account.ts';
import { AppStateQueries } from './iq/app-state.ts';
import { EncryptQueries } from './iq/encrypt.ts';
import { GroupQueries } from './iq/group-queries.ts';
import { UserSyncQueries } from './iq/user-sync.ts';
import { IqDesk } from './iq-desk.ts';
import { withDevice } from './jid.ts';
import { KeyDesk } from './keys.ts';
import { Ledger } from './ledger.ts';
import { Lines } from './lines.ts';
import { LoginDesk } from './login.ts';
import { MessageRouter } from './messages.ts';
import { PairingDesk } from './pairing.ts';
import { PostOffice } from './post-office.ts';
import { PresenceRouter } from './presence.ts';
import { ReceiptRouter } from './receipts.ts';
import type { KeyBundle, KeySource, LinkCode, Network, PhoneIdentity, Resident } from './resident.ts';
import { SocketServer } from './socket-server.ts';
import { Traffic } from './traffic.ts';
import { ViolationLog } from './violations.ts';
import { NoiseAuthority } from './wire/certificates.ts';
import { node } from './wire/stanza.ts';

/** Where clients upload media: `hostname` may carry a port. */
export interface MediaHost {
  readonly hostname: string;
  readonly auth: string;
}

/** The whole server side in one process. `start()` listens on loopback, `stop()` ends all sockets. */
export class WhatsAppNetwork implements Network {
  readonly clock: Clock;
  readonly random: Random;
  readonly violations: ViolationLog;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly ledger = new Ledger();
  readonly #authority: NoiseAuthority;
  readonly #directory = new Directory();
  readonly #lines = new Lines({ directory: this.#directory });
  readonly #post: PostOffice;
  readonly #keys: KeyDesk;
  readonly #groups: Groups;
  readonly #groupActions: GroupActions;
  readonly #messages: MessageRouter;
  readonly #receipts: ReceiptRouter;
  readonly #presence: PresenceRouter;
  readonly #pairing: PairingDesk;
  readonly #appState = new AppStateQueries();
  readonly #clients: ClientDesk;
  readonly #sockets: SocketServer;
  readonly #wantedPort: number;
  #port: number | undefined;
  #mediaHost: MediaHost | undefined;

  constructor(deps: { clock: Clock; random: Random; port?: number }) {
    this.clock = deps.clock;
    this.random = deps.random;
    this.#wantedPort = deps.port ?? 0;
    const { clock, random, ledger } = this;
    const directory = this.#directory;
    const lines = this.#lines;
    this.faults = new Faults({
      clock,
      lines,
      actions: {
        unlink: (deviceJid) => this.removeCompanion(deviceJid),
        catchUp: (deviceJid) => this.#post.catchUp(deviceJid),
      },
    });
    const { faults } = this;
    this.violations = new ViolationLog({ clock });
    this.traffic = new Traffic({ clock });
    const { violations, traffic } = this;
    this.#authority = new NoiseAuthority({ random });
    this.#post = new PostOffice({ directory, violations, traffic, faults });
    const post = this.#post;
    this.#keys = new KeyDesk({ post });
    this.#groups = new Groups({ clock, random, directory });
    const groups = this.#groups;
    this.#groupActions = new GroupActions({ clock, random, directory, groups, post });
    this.#messages = new MessageRouter({ directory, groups, post, ledger, violations });
    this.#receipts = new ReceiptRouter({ directory, post, ledger, faults, violations });
    this.#presence = new PresenceRouter({ directory, groups, post, violations });
    this.#pairing = new PairingDesk({ clock, random, directory, violations, traffic });
    this.#clients = new ClientDesk({
      clock,
      lines,
      faults,
      violations,
      traffic,
      login: new LoginDesk({ clock, directory, pairing: this.#pairing, faults, violations, traffic }),
      pairing: this.#pairing,
      iqs: this.#makeIqDesk(),
      messages: this.#messages,
      receipts: this.#receipts,
      presence: this.#presence,
    });
    this.#sockets = new SocketServer({
      refuseUpgrade: () => faults.upgradeStatus,
      accept: (socket) => {
        const credentials = this.#authority.credentials(faults.chain);
        const connection = new Connection({ socket, handler: this.#clients, violations, credentials, random });
        lines.add(connection);
        connection.start();
      },
    });
  }

  /** Rejects when the wanted port is taken. */
  async start(): Promise<void> {
    this.#port = await this.#sockets.start(this.#wantedPort);
  }

  async stop(): Promise<void> {
    await this.#sockets.stop();
    this.#port = undefined;
  }

  /** The port that clients connect to; 0 while stopped. */
  get port(): number {
    return this.#port ?? 0;
  }

  /** For `channels.whatsapp.endpoint`. */
  get wsUrl(): string {
    return `ws://127.0.0.1:${String(this.port)}/ws/chat`;
  }

  /** For `channels.whatsapp.trustedRoots`: base64 of the Noise certificates' root key. */
  get rootKey(): string {
    return Buffer.from(this.#authority.rootKey).toString('base64');
  }

  /** Until this is called, clients are told that there is no media server. */
  setMediaHost(host: MediaHost): void {
    this.#mediaHost = host;
  }

  attach(resident: Resident, keys: KeySource): void {
    this.#post.wake(this.#directory.attach(resident, keys));
  }

  setOnline(resident: Resident, online: boolean): void {
    const device = this.#deviceOf(resident);
    if (device.kind !== 'resident') return;
    Object.assign(device, { online });
    if (online) this.#post.wake(device);
    else this.#presence.leave(device);
  }

  async submit(from: Resident, stanza: BinaryNode): Promise<void> {
    const device = this.#deviceOf(from);
    switch (stanza.tag) {
      case 'message': {
        const { error } = this.#messages.route(device, stanza, this.#now());
        if (error !== undefined) throw new Error(`the network refused the message with ${error}`);
        return;
      }
      case 'receipt':
        this.#receipts.route(device, stanza, this.#now());
        return;
      case 'presence':
        this.#presence.routePresence(device, stanza);
        return;
      case 'chatstate':
        this.#presence.routeChatState(device, stanza);
        return;
      default:
        throw new Error(`a resident cannot submit <${stanza.tag}>`);
    }
  }

  fetchBundle(deviceJid: string): KeyBundle | undefined {
    const device = this.#directory.findDevice(deviceJid);
    return device === undefined ? undefined : this.#keys.bundle(device);
  }

  devicesOf(userJid: string): readonly string[] {
    const account = this.#directory.find(userJid);
    return account === undefined ? [] : [...account.devices.values()].map((device) => lidJidOf(device));
  }

  lidOf(pn: string): string | undefined {
    return this.#directory.find(pn)?.lid;
  }

  pnOf(lid: string): string | undefined {
    return this.#directory.find(lid)?.pn;
  }

  createGroup(subject: string, by: Resident, members: readonly string[]): string {
    return this.#groupActions.create(subject, this.#deviceOf(by).account, members).jid;
  }

  groupMembers(groupJid: string): readonly string[] {
    return [...(this.#groups.find(groupJid)?.members.keys() ?? [])];
  }

  addToGroup(groupJid: string, by: Resident, member: string): void {
    const group = this.#groups.find(groupJid);
    if (group !== undefined) this.#groupActions.add(group, this.#deviceOf(by).account, [member]);
  }

  removeFromGroup(groupJid: string, by: Resident, member: string): void {
    const group = this.#groups.find(groupJid);
    if (group !== undefined) this.#groupActions.remove(group, this.#deviceOf(by).account, [member]);
  }

  async completeLink(qr: string | LinkCode, phone: Resident & PhoneIdentity): Promise<void> {
    if (typeof qr === 'string') await this.#pairing.scan(qr, phone);
    else await this.#pairing.enterCode(qr.code, phone);
  }

  companionsOf(userJid: string): readonly string[] {
    const account = this.#directory.find(userJid);
    return account === undefined ? [] : companionsOf(account).map((device) => lidJidOf(device));
  }

  removeCompanion(deviceJid: string): void {
    const device = this.#directory.findDevice(deviceJid);
    if (device?.kind !== 'companion') return;
    device.account.devices.delete(device.number);
    device.connection?.end(node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]));
  }

  /** One-time keys that a companion has left on the server. */
  oneTimeKeysOf(deviceJid: string): number {
    const device = this.#directory.findDevice(deviceJid);
    return device?.kind === 'companion' ? device.oneTimeKeys.length : 0;
  }

  /** What the client of this device has been sent on its live connection and not answered, as `tag id type`. */
  owed(deviceJid: string): readonly string[] {
    return this.#post.owed(deviceJid);
  }

  #makeIqDesk(): IqDesk {
    const directory = this.#directory;
    const { violations, traffic } = this;
    const encrypt = new EncryptQueries({ directory, keys: this.#keys, violations });
    const userSync = new UserSyncQueries({ directory });
    const groups = new GroupQueries({ directory, groups: this.#groups, actions: this.#groupActions });
    const account = makeAccountQueries({
      activate: (device) => {
        this.#post.drain(device);
        traffic.note({ kind: 'online', account: lidJidOf(device) });
        void device.account.phone?.onCompanionOnline(lidJidOf(device));
      },
      unlink: (device, jid) => this.removeCompanion(jid ?? withDevice(device.account.lid, device.number)),
      mediaHost: () => this.#mediaHost,
    });
    const handlers = {
      ...account,
      encrypt: encrypt.answer.bind(encrypt),
      usync: userSync.answer.bind(userSync),
      'w:g2': groups.answer.bind(groups),
      'w:sync:app:state': this.#appState.answer.bind(this.#appState),
    };
    return new IqDesk({ handlers, violations, traffic });
  }

  #deviceOf(resident: Resident): Device {
    const device = this.#directory.findDevice(withDevice(resident.lid, resident.device));
    if (device === undefined) throw new Error('this device is not attached to the network');
    return device;
  }

  #now(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}
