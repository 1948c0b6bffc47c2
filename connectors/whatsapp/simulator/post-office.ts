import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from '../../../src/core/clock.ts';
import type { CompanionDevice, Device, Directory, ResidentDevice } from './directory.ts';
import { lidJidOf } from './directory.ts';
import type { Faults } from './faults.ts';
import type { Letter } from './mailbox.ts';
import type { Traffic } from './traffic.ts';
import type { ViolationLog } from './violations.ts';
import { node } from './wire/stanza.ts';

const ANSWER_PATIENCE_MS = 60_000; // a client that works answers within a second, one whose store hangs ends its line

/** Brings stanzas to devices: through the mailbox, so that nothing is lost while one is away. */
export class PostOffice {
  readonly #clock: Clock;
  readonly #directory: Directory;
  readonly #violations: ViolationLog;
  readonly #traffic: Traffic;
  readonly #faults: Faults;

  constructor(deps: {
    clock: Clock;
    directory: Directory;
    violations: ViolationLog;
    traffic: Traffic;
    faults: Faults;
  }) {
    this.#clock = deps.clock;
    this.#directory = deps.directory;
    this.#violations = deps.violations;
    this.#traffic = deps.traffic;
    this.#faults = deps.faults;
  }

  /** Queues the stanza; it is delivered now, or when the device is there again, until the device answers for it. */
  deliver(device: Device, stanza: BinaryNode): void {
    const letter = device.mailbox.add(this.#faults.spoil(lidJidOf(device), stanza));
    if (device.kind === 'resident') this.#pump(device);
    else this.#send(device, letter);
  }

  /** For what is worth nothing later (typing, presence): goes only to a device that is there. */
  hint(device: Device, stanza: BinaryNode): void {
    if (device.kind === 'companion') {
      if (device.active && !this.#faults.withholdsFrom(lidJidOf(device))) device.connection?.send(stanza);
      return;
    }
    if (!device.online) return;
    device.mailbox.add(stanza); // in line with the rest: a resident gets one stanza at a time
    this.#pump(device);
  }

  /** A resident leaves: who typed meanwhile will not interest it when it is back. */
  dropHints(device: ResidentDevice): void {
    for (const letter of device.mailbox.letters) {
      if (letter.stanza.tag === 'chatstate' || letter.stanza.tag === 'presence') device.mailbox.take(letter);
    }
  }

  /** The resident has come back, or was attached again. */
  wake(device: ResidentDevice): void {
    this.#pump(device);
  }

  /**
   * Sends a client that just turned active everything that waits: a preview, the stanzas marked with their place in the
   * queue, the count at the end.
   */
  drain(device: CompanionDevice): void {
    const { connection } = device;
    if (connection === undefined) return;
    const waiting = [...device.mailbox.letters];
    const ofTag = (tag: string): string => String(waiting.filter((letter) => letter.stanza.tag === tag).length);
    const preview = {
      count: String(waiting.length),
      message: ofTag('message'),
      receipt: ofTag('receipt'),
      notification: ofTag('notification'),
      call: ofTag('call'),
    };
    connection.send(node('ib', {}, [node('offline_preview', preview)]));
    device.active = true;
    waiting.forEach((letter, index) => this.#send(device, letter, String(index)));
    connection.send(node('ib', {}, [node('offline', { count: String(waiting.length) })]));
  }

  /** Sends what was queued while the client's line was silent. */
  catchUp(deviceJid: string): void {
    const device = this.#directory.findDevice(deviceJid);
    if (device?.kind !== 'companion') return;
    for (const letter of device.mailbox.letters.filter((waiting) => waiting.sentAt === undefined))
      this.#send(device, letter);
  }

  /** The client's line is down: everything unanswered waits for the next one, and long silence is on record. */
  disconnect(device: CompanionDevice, wasHeard: boolean): void {
    const now = this.#clock.monotonic();
    for (const { stanza, sentAt, excused } of device.mailbox.letters) {
      if (sentAt === undefined || excused || !wasHeard || now - sentAt < ANSWER_PATIENCE_MS) continue;
      this.#violations.record('missing_ack', lidJidOf(device), `${stanza.tag} unanswered until the line went down`);
    }
    device.mailbox.disconnect();
  }

  #send(device: CompanionDevice, letter: Letter, offline?: string): void {
    if (!device.active || device.connection === undefined || this.#faults.withholdsFrom(lidJidOf(device))) return;
    const { stanza } = letter;
    const marked = offline === undefined ? stanza : { ...stanza, attrs: { ...stanza.attrs, offline } };
    if (!device.connection.send(marked)) return;
    letter.sentAt = this.#clock.monotonic();
    letter.deliveries += 1;
    this.#traffic.note({
      kind: 'delivered',
      account: lidJidOf(device),
      type: stanza.tag,
      ...(stanza.attrs['id'] === undefined ? {} : { id: stanza.attrs['id'] }),
      ...(stanza.attrs['from'] === undefined ? {} : { peer: stanza.attrs['from'] }),
    });
  }

  #pump(device: ResidentDevice): void {
    if (device.busy) return;
    device.busy = true;
    const work = async (): Promise<void> => {
      for (let letter = device.mailbox.first; letter !== undefined && device.online; ) {
        await this.#receive(device, letter.stanza);
        device.mailbox.take(letter);
        letter = device.mailbox.first;
      }
      device.busy = false;
    };
    queueMicrotask(() => void work());
  }

  async #receive(device: ResidentDevice, stanza: BinaryNode): Promise<void> {
    try {
      await device.resident.receive(stanza);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#violations.record('resident_failed', lidJidOf(device), `${stanza.tag}: ${reason}`);
    }
  }
}
