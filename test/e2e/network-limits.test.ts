import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import { Bench } from '../../connectors/telegram/test/session-support.ts';
import type { Phone } from '../../connectors/whatsapp/simulator/people/phone.ts';
import { link, muteConsole, phoneAddress, Town } from '../../connectors/whatsapp/test/session-support.ts';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Message } from '../../src/engine/model/message.ts';
import { admin, BASIS } from '../support/engine-fixture.ts';
import { limitless } from '../support/limitless.ts';
import { MemoryVault } from '../support/memory-vault.ts';
import { VersionHouse } from '../support/version-house.ts';

const DESK = 'desk';
const SEND = 'messages.sendMessage';
const HOUR_MS = 3_600_000;
/** People are slow, and nobody waits for them here. */
const SPEED = 60;
const pacing = { rules: limitless, isPaced: () => true, tellsDelivery: () => true };

let house: VersionHouse | undefined;

async function opened(channel: string, config: unknown, vault: MemoryVault): Promise<VersionHouse> {
  house = await VersionHouse.open({ channel, config, vaults: new Map([[DESK, vault]]), speed: SPEED, pacing });
  await house.until(DESK, ({ state }) => state === 'connected');
  return house;
}

/** A first word to a guest. */
async function write(open: VersionHouse, channel: string, to: string): Promise<Message> {
  const { body } = await open.engine.api.messages.accept(admin, {
    channel,
    to,
    body: 'Your room is ready.',
    basis: BASIS,
  });
  return JSON.parse(body) as Message;
}

/** Resolves once the message is as asked; looks again with every commit. */
async function until(open: VersionHouse, id: string, matches: (message: Message) => boolean): Promise<Message> {
  for (;;) {
    const committed = new Promise<void>((resolve) => {
      const stop = open.store.onCommit(() => {
        stop();
        resolve();
      });
    });
    const message = await open.store.getMessage(id, null);
    if (message !== null && matches(message)) return message;
    await committed;
  }
}

const heldBy = (open: VersionHouse, { id }: Message, rule: string): Promise<Message> =>
  until(open, id, (message) => message.heldBy?.rule === rule);
const isSent = ({ status }: Message): boolean => status === 'sent' || status === 'delivered';

afterEach(async () => {
  await house?.stop();
  house = undefined;
});

describe('unmodified Baileys is told by WhatsApp in a box that it may open no new chats', () => {
  const town = new Town();
  const vault = new MemoryVault({ clock: systemClock });
  let phone: Phone;

  beforeAll(async () => {
    muteConsole();
    await town.start();
    const session = town.session(vault);
    phone = town.phone();
    await link(session, phone);
    await session.close();
  });
  afterAll(() => town.stop());

  it('463 holds every first word until the end of the time-lock, and answers go out', async () => {
    const built = await opened('whatsapp', town.config, vault);
    const [known, stranger, another] = [town.guest(phone), town.guest(phone), town.guest(phone)];
    await known.say('Is my room ready?');
    await built.until(DESK, ({ lastInboundAt }) => lastInboundAt !== null);
    town.network.faults.timelock(phone.pn, 3_600);
    const refused = await write(built, 'whatsapp', phoneAddress(stranger.pn));
    const held = await heldBy(built, refused, 'new_chats_closed');
    expect(held).toMatchObject({ status: 'queued', attempts: 0 });
    const [limit] = (await built.session(DESK)).limits;
    expect(limit).toMatchObject({ scope: 'new_chats', nativeCode: '463' });
    const leftMs = Date.parse(held.heldBy?.until ?? '') - built.clock.now();
    expect(leftMs).toBeGreaterThan(0.5 * HOUR_MS);
    expect(leftMs).toBeLessThanOrEqual(HOUR_MS + 1_000); // networks tell whole seconds
    const next = await write(built, 'whatsapp', phoneAddress(another.pn));
    expect(await heldBy(built, next, 'new_chats_closed')).toMatchObject({ attempts: 0 });
    const answer = await write(built, 'whatsapp', phoneAddress(known.pn));
    await until(built, answer.id, isSent);
    expect(await built.store.getMessage(next.id, null)).toMatchObject({ attempts: 0 });
  });
});

describe('unmodified libraries are told by Telegram in a box that they may not send', () => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  let bench: Bench;

  beforeAll(async () => {
    await network.start();
    bench = new Bench(network, network.createAccount(), ['mtcute']);
    await bench.link();
    await bench.stop();
  });
  afterEach(() => network.levers.clear());
  afterAll(() => network.stop());

  const stranger = (username: string): string => {
    network.createGuest(bench.account, { username });
    return `@${username}`;
  };

  it('PEER_FLOOD holds every first word', async () => {
    const built = await opened('telegram', bench.config, bench.vault);
    network.levers.spammers.add(bench.account.id);
    for (const username of ['stranger_one', 'stranger_two']) {
      const message = await write(built, 'telegram', stranger(username));
      expect(await heldBy(built, message, 'new_chats_closed')).toMatchObject({ status: 'queued', attempts: 0 });
    }
    expect((await built.session(DESK)).limits).toMatchObject([{ scope: 'new_chats', nativeCode: 'PEER_FLOOD' }]);
  });

  it('FLOOD_WAIT holds everything until its end', async () => {
    const built = await opened('telegram', bench.config, bench.vault);
    network.levers.flood({ method: SEND, account: bench.account.id }, 3_600);
    const message = await write(built, 'telegram', stranger('stranger_three'));
    const held = await heldBy(built, message, 'network_limit');
    const leftMs = Date.parse(held.heldBy?.until ?? '') - built.clock.now();
    expect(leftMs).toBeGreaterThan(0.5 * HOUR_MS);
    expect(leftMs).toBeLessThanOrEqual(HOUR_MS + 1_000); // networks tell whole seconds
  });
});
