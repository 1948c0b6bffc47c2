import type { BinaryNode } from '@whiskeysockets/baileys';
import { proto } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import { readApplicant } from './applicant.ts';
import type { Connection } from './connection.ts';
import type { CompanionDevice, Directory } from './directory.ts';
import { lidJidOf } from './directory.ts';
import type { Faults } from './faults.ts';
import { formatJid } from './jid.ts';
import type { ClientVersion } from './login-rules.ts';
import type { PairingDesk } from './pairing.ts';
import type { Traffic } from './traffic.ts';
import type { ViolationLog } from './violations.ts';
import type { ClientFinish } from './wire/noise.ts';
import { node } from './wire/stanza.ts';

/** Decides at the end of the handshake what a connection becomes: an applicant, a companion, or refused. */
export class LoginDesk {
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #pairing: PairingDesk;
  readonly #faults: Faults;
  readonly #violations: ViolationLog;
  readonly #traffic: Traffic;

  constructor(deps: {
    clock: Clock;
    directory: Directory;
    pairing: PairingDesk;
    faults: Faults;
    violations: ViolationLog;
    traffic: Traffic;
  }) {
    this.#clock = deps.clock;
    this.#directory = deps.directory;
    this.#pairing = deps.pairing;
    this.#faults = deps.faults;
    this.#violations = deps.violations;
    this.#traffic = deps.traffic;
  }

  /** The companion that logged in, or undefined: then the client waits to be linked, or was told why not. */
  admit(connection: Connection, finish: ClientFinish): CompanionDevice | undefined {
    try {
      const payload = proto.ClientPayload.decode(finish.payload);
      const { primary, secondary, tertiary } = payload.userAgent?.appVersion ?? {};
      const version: ClientVersion = [primary ?? 0, secondary ?? 0, tertiary ?? 0];
      const device = payload.username ? this.#find(payload.username, payload.device ?? 0) : undefined;
      const refusal = this.#faults.refuseLogin(device === undefined ? undefined : lidJidOf(device), version);
      if (refusal !== undefined) return this.#refuse(connection, refusal);
      if (!payload.username) {
        this.#pairing.admit(readApplicant(connection, finish.noiseKey, payload, this.#pairing.makeRefs()));
        return undefined;
      }
      if (device === undefined || !Buffer.from(device.noiseKey).equals(finish.noiseKey)) {
        return this.#refuse(connection, node('failure', { reason: '401', location: 'simulator' }));
      }
      return this.#welcome(connection, device);
    } catch (error) {
      this.#violations.record('handshake', connection.label, error instanceof Error ? error.message : String(error));
      return this.#refuse(connection, node('failure', { reason: '400' }));
    }
  }

  #find(username: { toString(): string }, number: number): CompanionDevice | undefined {
    const device = this.#directory.findDevice(formatJid(username.toString(), 's.whatsapp.net', number));
    return device?.kind === 'companion' ? device : undefined;
  }

  #refuse(connection: Connection, failure: BinaryNode): CompanionDevice | undefined {
    connection.end(failure);
    return undefined;
  }

  #welcome(connection: Connection, device: CompanionDevice): CompanionDevice {
    device.connection?.end(node('stream:error', {}, [node('conflict', { type: 'replaced' })]));
    device.mailbox.disconnect();
    Object.assign(device, { connection, active: false });
    Object.assign(connection, { label: lidJidOf(device) });
    this.#faults.endWithholding(lidJidOf(device));
    this.#traffic.note({ kind: 'login', account: lidJidOf(device) });
    connection.send(node('success', { t: String(Math.floor(this.#clock.now() / 1000)), lid: lidJidOf(device) }));
    // Clients put this before their first frame the next time.
    const routing = node('routing_info', {}, Buffer.from('simulator'));
    connection.send(node('ib', {}, [node('edge_routing', {}, [routing])]));
    return device;
  }
}
