import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { ClientDuties } from './client-duties.ts';
import type { Connection, ConnectionHandler } from './connection.ts';
import type { CompanionDevice } from './directory.ts';
import { lidJidOf } from './directory.ts';
import type { Enforcement } from './enforcement.ts';
import type { Faults } from './faults.ts';
import type { IqDesk } from './iq-desk.ts';
import type { Lines } from './lines.ts';
import type { LoginDesk } from './login.ts';
import type { MessageRouter, Verdict } from './messages.ts';
import type { PairingDesk } from './pairing.ts';
import type { PostOffice } from './post-office.ts';
import type { PresenceRouter } from './presence.ts';
import { ReceiptRouter } from './receipts.ts';
import type { ServerQuestions } from './server-questions.ts';
import type { Traffic } from './traffic.ts';
import type { ViolationLog } from './violations.ts';
import type { ClientFinish } from './wire/noise.ts';
import { node } from './wire/stanza.ts';

/** Everything a client on a socket can say, taken in the order of the wire. */
export class ClientDesk implements ConnectionHandler {
  readonly #deps: ClientDeskDeps;
  readonly #devices = new Map<Connection, CompanionDevice>();

  constructor(deps: ClientDeskDeps) {
    this.#deps = deps;
  }

  authenticated(connection: Connection, finish: ClientFinish): void {
    this.#deps.traffic.note({ kind: 'connected', account: connection.label });
    const device = this.#deps.login.admit(connection, finish);
    if (device !== undefined) this.#devices.set(connection, device);
  }

  closed(connection: Connection): void {
    const device = this.#devices.get(connection);
    this.#devices.delete(connection);
    this.#deps.lines.remove(connection);
    this.#deps.pairing.forget(connection);
    this.#deps.traffic.note({ kind: 'closed', account: connection.label });
    if (device?.connection !== connection) return;
    delete device.connection;
    Object.assign(device, { active: false });
    this.#deps.post.disconnect(device, !connection.wasDeaf);
    this.#deps.questions.end(device);
    this.#deps.presence.leave(device);
  }

  received(connection: Connection, stanza: BinaryNode): void {
    const device = this.#devices.get(connection);
    if (device === undefined) {
      this.#fromApplicant(connection, stanza);
      return;
    }
    if (device.connection !== connection) return; // replaced; what it still says is void
    this.#note(device, stanza);
    this.#deps.duties.heard(lidJidOf(device));
    switch (stanza.tag) {
      case 'iq':
        this.#deps.iqs.receive(device, connection, stanza);
        return;
      case 'message':
        this.#takeMessage(device, connection, stanza);
        return;
      case 'receipt':
        this.#takeReceipt(device, connection, stanza);
        return;
      case 'ack':
        this.#takeAck(device, stanza);
        return;
      case 'presence':
        this.#deps.presence.routePresence(device, stanza);
        return;
      case 'chatstate':
        this.#deps.presence.routeChatState(device, stanza);
        return;
      case 'call':
        connection.send(node('ack', { class: 'call', id: stanza.attrs['id'], from: stanza.attrs['to'] }));
        return;
      case 'ib': // telemetry and the wish for more of the offline queue, which is sent whole anyway
        return;
      default:
        this.#deps.violations.record('unknown_stanza', lidJidOf(device), `<${stanza.tag}>`);
    }
  }

  #fromApplicant(connection: Connection, stanza: BinaryNode): void {
    if (stanza.tag === 'iq') {
      this.#deps.traffic.note({ kind: 'iq', account: connection.label, type: stanza.attrs['xmlns'] ?? '' });
      this.#deps.pairing.receive(connection, stanza);
    } else if (stanza.tag !== 'ib' && stanza.tag !== 'presence' && stanza.tag !== 'ack') {
      this.#deps.violations.record('protocol_order', connection.label, `<${stanza.tag}> before login`);
    }
  }

  #takeMessage(device: CompanionDevice, connection: Connection, stanza: BinaryNode): void {
    const now = this.#now();
    const fault = this.#deps.faults.takeAckFault(lidJidOf(device));
    const verdict: Verdict =
      fault.error === undefined
        ? (this.#deps.enforcement.judge(device, stanza) ?? this.#deps.messages.route(device, stanza, now))
        : { error: String(fault.error) };
    if (fault.drop === true) return;
    const { id, to, participant, recipient } = stanza.attrs;
    const attrs = { class: 'message', id, from: to, t: String(now), participant, recipient };
    const ack = node('ack', { ...attrs, ...verdict });
    if (fault.delayMs === undefined) connection.send(ack);
    else this.#deps.clock.after(fault.delayMs, () => connection.send(ack));
  }

  #takeReceipt(device: CompanionDevice, connection: Connection, stanza: BinaryNode): void {
    if (this.#deps.faults.takeReceiptLoss(lidJidOf(device))) {
      for (const messageId of ReceiptRouter.idsOf(stanza)) device.mailbox.excuse(messageId);
      return;
    }
    const { id, to, type, participant, recipient } = stanza.attrs;
    for (const messageId of ReceiptRouter.idsOf(stanza)) {
      const answer = { tag: 'message', id: messageId, to, participant, recipient, type: undefined };
      const outcome = device.mailbox.settle(answer);
      this.#deps.duties.pay(lidJidOf(device), 'delivery_receipt', messageId);
      // Read marks may name messages of long ago; a delivery receipt can only be about something delivered.
      const isAboutDelivery = type === undefined || type === 'inactive' || type === 'retry';
      if (outcome === 'unknown' && isAboutDelivery) {
        this.#deps.violations.record('unexpected_ack', lidJidOf(device), `receipt ${type ?? 'delivery'} for nothing`);
      }
      if (type === 'retry') device.mailbox.expectNack(messageId);
    }
    connection.send(node('ack', { class: 'receipt', id, from: to, type, participant }));
    this.#deps.receipts.route(device, stanza, this.#now());
  }

  #takeAck(device: CompanionDevice, stanza: BinaryNode): void {
    const { id, to, type, participant, recipient, error } = stanza.attrs;
    const tag = stanza.attrs['class'];
    if (id === undefined || tag === undefined) {
      this.#deps.violations.record('malformed', lidJidOf(device), 'ack without id or class');
      return;
    }
    if (error !== undefined) {
      if (tag === 'message' && device.mailbox.takeNack(id)) return;
      this.#deps.violations.record('negative_ack', lidJidOf(device), `${tag} refused with ${error}`);
    }
    const isSealed = tag === 'message' && error === undefined && device.mailbox.holdsSealed(id);
    if (isSealed) this.#deps.duties.owe(lidJidOf(device), 'delivery_receipt', id);
    if (device.mailbox.settle({ tag, id, to, participant, recipient, type }) === 'unknown') {
      this.#deps.violations.record('unexpected_ack', lidJidOf(device), `ack of a ${tag} that was not delivered`);
    }
  }

  #note(device: CompanionDevice, stanza: BinaryNode): void {
    const { tag } = stanza;
    const isNoted =
      tag === 'message' || tag === 'receipt' || tag === 'ack' || tag === 'presence' || tag === 'chatstate';
    if (!isNoted) return;
    const { id, to, type } = stanza.attrs;
    this.#deps.traffic.note({
      kind: tag,
      account: lidJidOf(device),
      ...(id === undefined ? {} : { id }),
      ...(type === undefined ? {} : { type }),
      ...(to === undefined ? {} : { peer: to }),
    });
  }

  #now(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }
}

interface ClientDeskDeps {
  clock: Clock;
  lines: Lines;
  faults: Faults;
  login: LoginDesk;
  pairing: PairingDesk;
  iqs: IqDesk;
  enforcement: Enforcement;
  messages: MessageRouter;
  receipts: ReceiptRouter;
  presence: PresenceRouter;
  post: PostOffice;
  duties: ClientDuties;
  questions: ServerQuestions;
  traffic: Traffic;
  violations: ViolationLog;
}
