import type { ConnectorEvent, SessionVitals } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Mistake } from './connector-contract-pigeon-mistakes.ts';
import type { Parcel } from './connector-contract-pigeon-network.ts';

/** How a pigeon's line is doing. */
export class PigeonPulse {
  readonly #clock: Clock;
  readonly #mistake: Mistake | undefined;
  readonly #pending = new Map<Parcel, number>();
  #pushes = 0;
  #heardAt = 0;

  constructor(clock: Clock, mistake: Mistake | undefined) {
    this.#clock = clock;
    this.#mistake = mistake;
  }

  begin(): void {
    this.#pushes = 0;
    this.#pending.clear();
    this.#heardAt = this.#clock.monotonic();
  }

  pushed(parcel: Parcel): void {
    this.#heardAt = this.#clock.monotonic();
    this.#pending.set(parcel, this.#heardAt);
    if (this.#mistake !== 'does not count what is pushed') this.#pushes += 1;
  }

  handedOn(parcel: Parcel): void {
    this.#pending.delete(parcel);
  }

  vitals(isOpen: boolean): SessionVitals {
    const now = this.#clock.monotonic();
    const [oldest = now] = this.#pending.values();
    return {
      silentForMs: isOpen || this.#mistake === 'is never silent' ? now - this.#heardAt : null,
      oldestPendingMs: now - oldest,
      pushes: this.#pushes,
    };
  }
}

/** What the network sends back for a canary. */
export function canaryOf(token: string, mistake: Mistake | undefined): ConnectorEvent {
  if (mistake !== 'takes canaries for messages') return { type: 'canary', token, at: 0 };
  const addresses = ['id:1'] as const;
  const content = { type: 'text', body: token } as const;
  const chat = { kind: 'direct', addresses } as const;
  return {
    type: 'message',
    message: { networkId: token, chat, sender: { addresses }, direction: 'inbound', content, sentAt: 0 },
  };
}
