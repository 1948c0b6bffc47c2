import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { ClientDuties } from './client-duties.ts';
import { Connection } from './connection.ts';
import type { Device } from './directory.ts';
import { companionsOf, lidJidOf } from './directory.ts';
import type { Enforcement } from './enforcement.ts';
import type { Faults } from './faults.ts';
import { withDevice } from './jid.ts';
import type { Ledger } from './ledger.ts';
import type { NetworkParts } from './network-parts.ts';
import { assembleParts } from './network-parts.ts';
import type { NetworkState } from './network-state.ts';
import { exportNetworkState, networkStateSchema, restoreNetworkState } from './network-state.ts';
import type { KeyBundle, KeySource, LinkCode, Network, PhoneIdentity, Resident } from './resident.ts';
import type { ServerQuestions } from './server-questions.ts';
import { SocketServer } from './socket-server.ts';
import type { Traffic } from './traffic.ts';
import type { ViolationLog } from './violations.ts';
import { NoiseAuthority } from './wire/certificates.ts';
import { node } from './wire/stanza.ts';

/** Where clients upload media: `hostname` may carry a port. */
export interface MediaHost {
  readonly hostname: string;
  readonly auth: string;
}

export interface NetworkOptions {
  clock: Clock;
  random: Random;
  /** 0, the default, picks a free one. */
  port?: number;
  /** What {@link WhatsAppNetwork.exportState} gave in an earlier life. Throws on anything else. */
  state?: NetworkState;
}

/** The whole server side in one process. `start()` listens on loopback, `stop()` ends all sockets. */
export class WhatsAppNetwork implements Network {
  readonly clock: Clock;
  readonly random: Random;
  readonly violations: ViolationLog;
  readonly faults: Faults;
  readonly enforcement: Enforcement;
  readonly traffic: Traffic;
  readonly ledger: Ledger;
  readonly duties: ClientDuties;
  readonly questions: ServerQuestions;
  readonly #parts: NetworkParts;
  readonly #authority: NoiseAuthority;
  readonly #sockets: SocketServer;
  readonly #wantedPort: number;
  #port: number | undefined;
  #mediaHost: MediaHost | undefined;

  constructor({ clock, random, port, state }: NetworkOptions) {
    this.clock = clock;
    this.random = random;
    this.#wantedPort = port ?? 0;
    const actions = {
      unlink: (deviceJid: string) => this.removeCompanion(deviceJid),
      mediaHost: () => this.#mediaHost,
    };
    this.#parts = assembleParts({ clock, random, actions });
    const { violations, faults, traffic, ledger, lines, clients } = this.#parts;
    this.duties = this.#parts.duties;
    this.questions = this.#parts.questions;
    this.violations = violations;
    this.faults = faults;
    this.enforcement = this.#parts.enforcement;
    this.traffic = traffic;
    this.ledger = ledger;
    const saved = state === undefined ? undefined : networkStateSchema.parse(state);
    this.#authority = new NoiseAuthority({
      random,
      ...(saved === undefined
        ? {}
        : { rootPrivateKey: saved.authority.root, staticPrivateKey: saved.authority.static }),
    });
    if (saved !== undefined) restoreNetworkState(saved, this.#parts);
    this.#sockets = new SocketServer({
      judge: () => (faults.stalledAt === 'upgrade' ? 'wait' : faults.upgradeStatus),
      accept: (socket) => {
        if (faults.stalledAt === 'handshake') return;
        const credentials = this.#authority.credentials(faults.chain);
        const connection = new Connection({ socket, handler: clients, violations, credentials, random });
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

  /** JSON with private keys in it: accounts, links, keys, groups, and what waits for delivery. */
  exportState(): NetworkState {
    return exportNetworkState({ ...this.#parts, authority: this.#authority });
  }

  attach(resident: Resident, keys: KeySource): void {
    this.#parts.post.wake(this.#parts.directory.attach(resident, keys));
  }

  setOnline(resident: Resident, online: boolean): void {
    const device = this.#deviceOf(resident);
    if (device.kind !== 'resident') return;
    device.online = online;
    if (online) this.#parts.post.wake(device);
    else {
      this.#parts.presence.leave(device);
      this.#parts.post.dropHints(device);
    }
  }

  async submit(from: Resident, stanza: BinaryNode): Promise<void> {
    const device = this.#deviceOf(from);
    const now = Math.floor(this.clock.now() / 1000);
    switch (stanza.tag) {
      case 'message': {
        const { error } = this.#parts.messages.route(device, stanza, now);
        if (error !== undefined) throw new Error(`the network refused the message with ${error}`);
        return;
      }
      case 'receipt':
        this.#parts.receipts.route(device, stanza, now);
        return;
      case 'presence':
        this.#parts.presence.routePresence(device, stanza);
        return;
      case 'chatstate':
        this.#parts.presence.routeChatState(device, stanza);
        return;
      default:
        throw new Error(`a resident cannot submit <${stanza.tag}>`);
    }
  }

  fetchBundle(deviceJid: string): KeyBundle | undefined {
    const device = this.#parts.directory.findDevice(deviceJid);
    return device === undefined ? undefined : this.#parts.keys.bundle(device);
  }

  devicesOf(userJid: string): readonly string[] {
    const account = this.#parts.directory.find(userJid);
    return account === undefined ? [] : [...account.devices.values()].map((device) => lidJidOf(device));
  }

  lidOf(pn: string): string | undefined {
    return this.#parts.directory.find(pn)?.lid;
  }

  pnOf(lid: string): string | undefined {
    return this.#parts.directory.find(lid)?.pn;
  }

  createGroup(subject: string, by: Resident, members: readonly string[]): string {
    return this.#parts.groupActions.create(subject, this.#deviceOf(by).account, members).jid;
  }

  groupMembers(groupJid: string): readonly string[] {
    return [...(this.#parts.groups.find(groupJid)?.members.keys() ?? [])];
  }

  addToGroup(groupJid: string, by: Resident, member: string): void {
    const group = this.#parts.groups.find(groupJid);
    if (group !== undefined) this.#parts.groupActions.add(group, this.#deviceOf(by).account, [member]);
  }

  removeFromGroup(groupJid: string, by: Resident, member: string): void {
    const group = this.#parts.groups.find(groupJid);
    if (group !== undefined) this.#parts.groupActions.remove(group, this.#deviceOf(by).account, [member]);
  }

  async completeLink(qr: string | LinkCode, phone: Resident & PhoneIdentity): Promise<void> {
    if (typeof qr === 'string') await this.#parts.pairing.scan(qr, phone);
    else await this.#parts.pairing.enterCode(qr.code, phone);
  }

  companionsOf(userJid: string): readonly string[] {
    const account = this.#parts.directory.find(userJid);
    return account === undefined ? [] : companionsOf(account).map((device) => lidJidOf(device));
  }

  removeCompanion(deviceJid: string): void {
    const device = this.#parts.directory.findDevice(deviceJid);
    if (device?.kind !== 'companion') return;
    device.account.devices.delete(device.number);
    this.#parts.news.publish('remove', device);
    device.connection?.end(node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]));
  }

  /** A person has a new phone under the old number (attached again, with new keys): those who wrote to it are told. */
  announceNewIdentity(resident: Resident): void {
    this.#parts.news.publishIdentity(this.#deviceOf(resident).account);
  }

  /** Every linked client, LID style. */
  companions(): readonly string[] {
    return this.#parts.directory.companions().map((device) => lidJidOf(device));
  }

  /** True while this companion is logged in. */
  isOnline(deviceJid: string): boolean {
    const device = this.#parts.directory.findDevice(deviceJid);
    return device?.kind === 'companion' && device.connection !== undefined;
  }

  /** One-time keys that a companion has left on the server. */
  oneTimeKeysOf(deviceJid: string): number {
    const device = this.#parts.directory.findDevice(deviceJid);
    return device?.kind === 'companion' ? device.oneTimeKeys.length : 0;
  }

  #deviceOf(resident: Resident): Device {
    const device = this.#parts.directory.findDevice(withDevice(resident.lid, resident.device));
    if (device === undefined) throw new Error('this device is not attached to the network');
    return device;
  }
}
