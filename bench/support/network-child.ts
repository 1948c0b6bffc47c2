import { WhatsAppNetwork } from '../../connectors/whatsapp/simulator/network.ts';
import { Crowd } from '../../connectors/whatsapp/simulator/people/crowd.ts';
import { MediaServer } from '../../connectors/whatsapp/simulator/people/media-server.ts';
import { sleep, systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import { sharedMicros } from './machine.ts';
import { serve } from './remote.ts';

/** One message on its way to the hotel's client. */
export interface SentFrame {
  readonly id: string;
  /** Shared microseconds at which its stanza was written to the client's socket; absent while it waits in the queue. */
  readonly writtenAt?: number;
}

const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
const media = new MediaServer({ clock: systemClock, violations: network.violations });
const written = new Map<string, number>();
const received = new Map<string, number>();
let crowd = new Crowd({ network, shelf: media.shelf, size: 0 });

const openings: number[] = [];
network.traffic.listen((event) => {
  if (event.kind === 'connected') openings.push(sharedMicros());
  if (event.id === undefined) return;
  if (event.kind === 'delivered' && event.type === 'message') written.set(event.id, sharedMicros());
  // Written in the tick in which the receipt arrived.
  if (event.kind === 'receipt') received.set(event.id, sharedMicros());
});

const services = {
  open: async ({ accounts }: { accounts: number }) => {
    await media.start();
    await network.start();
    network.setMediaHost({ hostname: media.hostname, auth: media.auth });
    crowd = new Crowd({ network, shelf: media.shelf, size: accounts });
    crowd.start();
    return { endpoint: network.wsUrl, trustedRoot: network.rootKey };
  },
  scan: async ({ account, qr }: { account: number; qr: string }) => {
    await crowd.accounts[account]?.phone.scan(qr);
  },
  /** Guests write at a fixed rate, in turn, however long the answers take (open loop). Resolves when the last has been sealed. */
  say: async ({ accounts, perSecond, count }: { accounts: number; perSecond: number; count: number }) => {
    const begun = systemClock.monotonic();
    const saying: Promise<string>[] = [];
    for (let index = 0; index < count; index += 1) {
      const waitMs = begun + (index * 1_000) / perSecond - systemClock.monotonic();
      if (waitMs > 0) await sleep(systemClock, waitMs);
      const guest = crowd.accounts[index % accounts]?.guest;
      if (guest !== undefined)
        saying.push(guest.say(`Message ${index}: may we have two more pillows in room 14, please?`));
    }
    const ids = await Promise.all(saying);
    return ids.map((id): SentFrame => {
      const writtenAt = written.get(id);
      return writtenAt === undefined ? { id } : { id, writtenAt };
    });
  },
  /** When each message was written to the client, and when its first receipt came back: shared microseconds. */
  times: ({ ids }: { ids: readonly string[] }) =>
    ids.map((id) => ({ id, writtenAt: written.get(id) ?? 0, receivedAt: received.get(id) ?? 0 })),
  cut: () => network.faults.cut(),
  /** New sockets get 503 until it is open again. */
  door: (state: 'open' | 'shut') => network.faults.refuseUpgrade(state === 'shut' ? 503 : undefined),
  /** When each connection was opened, its handshake done: shared microseconds. */
  openings: () => openings,
  online: () => network.companions().filter((jid) => network.isOnline(jid)).length,
  violations: () => network.violations.all().map((violation) => JSON.stringify(violation)),
};

export type NetworkServices = typeof services;

serve(services);
