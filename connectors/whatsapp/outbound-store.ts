import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';

const SENT_NAMESPACE = 'whatsapp.sent-message';
const CONTACT_NAMESPACE = 'whatsapp.known-contact';
/** Recipients who cannot read a message ask for it again when their phone comes back, mostly within days. */
const MOST_SENT_KEPT = 1_000;
/** One small row each; a hotel's guests of some years. */
const MOST_CONTACTS_KEPT = 20_000;
const TIME_BYTES = 8;

/**
 * What was sent, as protobuf bytes, so that a recipient's request to send it again can be served after a restart, and a
 * second attempt under the same id carries the same content; and whom the network confirmed to exist. In the vault.
 */
export class OutboundStore {
  readonly #vault: SessionVault;
  readonly #clock: Clock;
  #sent: Map<string, number> | undefined;
  #contacts: Set<string> | undefined;

  constructor(deps: { vault: SessionVault; clock: Clock }) {
    this.#vault = deps.vault;
    this.#clock = deps.clock;
  }

  /** Durable when it returns. */
  keep(networkId: string, message: Uint8Array): void {
    const sent = this.#sentIds();
    const sentAt = this.#clock.now();
    const row = Buffer.alloc(TIME_BYTES + message.length);
    row.writeBigUInt64BE(BigInt(Math.max(0, Math.trunc(sentAt))));
    row.set(message, TIME_BYTES);
    sent.delete(networkId); // a second attempt becomes the youngest
    const surplus = [...sent.keys()].slice(0, Math.max(0, sent.size + 1 - MOST_SENT_KEPT));
    this.#vault.transaction(() => {
      for (const oldest of surplus) this.#vault.secrets.delete(SENT_NAMESPACE, oldest);
      this.#vault.secrets.set(SENT_NAMESPACE, networkId, row);
    });
    for (const oldest of surplus) sent.delete(oldest);
    sent.set(networkId, sentAt);
  }

  sent(networkId: string): Uint8Array | undefined {
    return this.#vault.secrets.get(SENT_NAMESPACE, networkId)?.subarray(TIME_BYTES);
  }

  knows(user: string): boolean {
    return this.#vault.secrets.get(CONTACT_NAMESPACE, user) !== undefined;
  }

  know(user: string): void {
    const contacts = this.#contactUsers();
    if (contacts.has(user)) return;
    const [oldest] = contacts;
    this.#vault.transaction(() => {
      this.#vault.secrets.set(CONTACT_NAMESPACE, user, new Uint8Array([1]));
      if (contacts.size >= MOST_CONTACTS_KEPT && oldest !== undefined) {
        this.#vault.secrets.delete(CONTACT_NAMESPACE, oldest);
        contacts.delete(oldest);
      }
    });
    contacts.add(user);
  }

  /** Oldest first; read once, when the first message is sent. */
  #sentIds(): Map<string, number> {
    this.#sent ??= new Map(
      this.#vault.secrets
        .entries(SENT_NAMESPACE)
        .map(([id, row]): [string, number] => [id, Number(Buffer.from(row).readBigUInt64BE())])
        .sort(([, one], [, other]) => one - other),
    );
    return this.#sent;
  }

  #contactUsers(): Set<string> {
    this.#contacts ??= new Set(this.#vault.secrets.entries(CONTACT_NAMESPACE).map(([user]) => user));
    return this.#contacts;
  }
}
