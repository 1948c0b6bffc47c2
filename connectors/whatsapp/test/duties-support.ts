import type { Connector, ConnectorSession } from '../../../src/connector-api/index.ts';
import { sleep, systemClock } from '../../../src/core/clock.ts';
import type { WhatsAppNetwork } from '../simulator/network.ts';

/** What is under way is done long before, also on a busy machine. */
const PATIENCE_MS = 15_000;
const POLL_MS = 5;

/** What clients that are at work still owe once they had time to do it; none is right. */
export async function neglectedDuties(network: WhatsAppNetwork, patienceMs = PATIENCE_MS): Promise<readonly string[]> {
  const { duties, faults } = network;
  const end = systemClock.monotonic() + patienceMs;
  for (;;) {
    const owed = network
      .companions()
      .filter((device) => duties.isAtWork(device) && !faults.withholdsFrom(device))
      .flatMap((device) => duties.owed(device).map(({ kind, detail }) => `${kind} (${detail})`));
    if (owed.length === 0 || systemClock.monotonic() > end) return owed;
    await sleep(systemClock, POLL_MS);
  }
}

/** Looks at what a session owes the network before each orderly end of its connection. */
export class DutyWatch {
  network: WhatsAppNetwork | undefined;
  readonly #neglected: string[] = [];

  watch<C>(connector: Connector<C>): Connector<C> {
    return {
      ...connector,
      createSession: (context): ConnectorSession => {
        const session = connector.createSession(context);
        const disconnect = session.disconnect.bind(session);
        session.disconnect = async () => {
          const { network } = this;
          const isKilled = context.signal.aborted; // nobody does a duty then
          if (network !== undefined && !isKilled)
            this.#neglected.push(...(await neglectedDuties(network, PATIENCE_MS / 2)));
          await disconnect();
        };
        return session;
      },
    };
  }

  /** Throws when something was neglected since the last call. */
  check(): void {
    const neglected = this.#neglected.splice(0);
    if (neglected.length > 0) throw new Error(`the client owes: ${neglected.join(', ')}`);
  }
}
