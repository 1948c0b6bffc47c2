import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import type { Phone } from '../simulator/people/phone.ts';
import type { TestSession } from './session-support.ts';
import { chatWith, muteConsole, Town } from './session-support.ts';

const HELD_MS = 100;

const town = new Town();
let baileys: Baileys;
let stock: Baileys['DEFAULT_CONNECTION_CONFIG']['makeSignalRepository'];
/** While set, the library does not get an answer from its decryption. */
let gate: Promise<void> | undefined;
let phone: Phone;
let hotel: TestSession;

beforeAll(async () => {
  muteConsole();
  await town.start();
  baileys = await loadBaileys({ trustedRoots: [town.network.rootKey] });
  stock = baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository;
  baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository = (...given) => {
    const repository = stock(...given);
    return {
      ...repository,
      decryptMessage: async (options) => {
        await gate;
        return repository.decryptMessage(options);
      },
    };
  };
  ({ phone, hotel } = await town.linked());
});
afterAll(async () => {
  baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository = stock;
  await town.stop();
});
beforeEach(() => muteConsole());
afterEach(() => {
  gate = undefined;
  hotel.beforeStore = async () => undefined;
});

const vitals = () => hotel.session.vitals();
/** After an answer of the server, so that the library has put away what it has just handed over. */
const pending = async (): Promise<number> => {
  await hotel.session.probe();
  return vitals().oldestPendingMs;
};
const delivered = (id: string) => town.network.traffic.seen({ kind: 'delivered', id });

/** Questions and answers for so long: the line works all the while. */
async function passing(ms: number): Promise<void> {
  const end = systemClock.monotonic() + ms;
  while (systemClock.monotonic() < end) await hotel.session.probe();
}

function makeGate(): { shut: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const shut = new Promise<void>((resolve) => (open = resolve));
  return { shut, open };
}

describe('vital signs', () => {
  it('count what the server sends by itself, and not its answers', async () => {
    const guest = town.guest(phone);
    await hotel.message(await guest.say('One'));
    const before = vitals().pushes;
    await hotel.session.probe();
    await hotel.session.probe();
    expect(vitals().pushes).toBe(before);
    await hotel.message(await guest.say('Two'));
    expect(vitals().pushes).toBe(before + 1);
    await hotel.send(chatWith(guest), { type: 'text', body: 'Three' });
    await hotel.event('receipt');
    expect(vitals().pushes).toBeGreaterThan(before + 1);
  });

  it('show a library that is stuck, from its first message on, and its recovery', async () => {
    const guest = town.guest(phone);
    await hotel.message(await guest.say('Before'));
    expect(await pending()).toBe(0);
    const { shut, open } = makeGate();
    gate = shut;
    const stuck = await guest.say('Stuck');
    await delivered(stuck);
    const behind = await guest.say('Behind it');
    await delivered(behind);
    await hotel.session.probe(); // its answer comes behind the messages
    const { oldestPendingMs } = vitals();
    await passing(HELD_MS);
    expect(vitals().oldestPendingMs).toBeGreaterThanOrEqual(oldestPendingMs + HELD_MS);
    gate = undefined;
    open();
    await hotel.message(behind);
    expect(hotel.countOf(stuck)).toBe(1);
    expect(await pending()).toBe(0);
  });

  it('do not count what waits for the daemon', async () => {
    const guest = town.guest(phone);
    const { shut, open } = makeGate();
    hotel.beforeStore = () => shut;
    const said = [await guest.say('Slow daemon'), await guest.say('And behind it')];
    for (const id of said) await town.network.traffic.seen({ kind: 'receipt', id });
    await passing(HELD_MS);
    expect(await pending()).toBe(0);
    open();
    for (const id of said) await hotel.message(id);
  });

  it('do not count a file that is being fetched', async () => {
    const guest = town.guest(phone);
    const { shut, open } = makeGate();
    const write = hotel.media.write.bind(hotel.media);
    hotel.media.write = async (...given) => {
      await shut;
      return write(...given);
    };
    const id = await guest.sendFile({ bytes: Buffer.alloc(2_000, 7), mimeType: 'text/plain', fileName: 'map.txt' });
    await town.network.traffic.seen({ kind: 'receipt', id });
    await passing(HELD_MS);
    expect(await pending()).toBe(0);
    open();
    await hotel.message(id);
    hotel.media.write = write;
  });

  it('do not hold a message that cannot be read against the library', async () => {
    const guest = town.guest(phone);
    await hotel.message(await guest.say('Readable'));
    town.network.faults.garbleNext(phone.companions()[0] ?? '');
    await hotel.message(await guest.say('Garbled, and asked for again'));
    expect(await pending()).toBe(0);
  });

  it('begin anew with each connection', async () => {
    const { pushes } = vitals();
    await hotel.session.disconnect();
    expect(vitals()).toEqual({ silentForMs: null, oldestPendingMs: 0, pushes: 0 });
    await hotel.session.connect();
    expect(vitals().pushes).toBeLessThan(pushes);
  });
});
