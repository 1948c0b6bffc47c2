/** One claim: who has it and until when nobody else may. */
export interface Claim {
  readonly webhookId: string;
  readonly line: string;
  readonly leaseUntil: number;
}

/**
 * Which deliveries are under way. Kept in memory: only this process may open the file, so a claim that dies with the process
 * is free again by itself, and claiming costs no commit.
 */
export class DeliveryClaims {
  readonly #claims = new Map<string, Claim>();
  readonly #lines = new Map<string, string>();

  get(deliveryId: string): Claim | undefined {
    return this.#claims.get(deliveryId);
  }

  /** Whether it, or another of its line, is under way: a line has one delivery under way at a time. */
  holds(delivery: { id: string; webhookId: string; line: string }, now: number): boolean {
    const own = this.#claims.get(delivery.id);
    if (own !== undefined && own.leaseUntil > now) return true;
    const holder = delivery.line === '' ? undefined : this.#lines.get(lineKey(delivery));
    const other = holder === undefined ? undefined : this.#claims.get(holder);
    return other !== undefined && other.leaseUntil > now;
  }

  add(delivery: { id: string; webhookId: string; line: string }, leaseUntil: number): void {
    const { webhookId, line } = delivery;
    this.#claims.set(delivery.id, { webhookId, line, leaseUntil });
    if (line !== '') this.#lines.set(lineKey(delivery), delivery.id);
  }

  release(deliveryId: string): void {
    const claim = this.#claims.get(deliveryId);
    if (claim === undefined) return;
    this.#claims.delete(deliveryId);
    if (this.#lines.get(lineKey(claim)) === deliveryId) this.#lines.delete(lineKey(claim));
  }

  clear(): void {
    this.#claims.clear();
    this.#lines.clear();
  }
}

function lineKey(place: { webhookId: string; line: string }): string {
  return `${place.webhookId} ${place.line}`;
}
