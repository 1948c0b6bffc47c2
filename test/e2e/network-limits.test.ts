import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TelegramNetwork } from '../../connectors/telegram/simulator/network.ts';
import { Bench } from '../../connectors/telegram/test/session-support.ts';
import type { Phone } from '../../connectors/whatsapp/simulator/people/phone.ts';
import type { QuotaStatus } from '../../connectors/whatsapp/simulator/quotas.ts';
import { link, muteConsole, phoneAddress, Town } from '../../connectors/whatsapp/test/session-support.ts';
import { systemClock } from '../../src/core/clock.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Session } from '../../src/engine/model/session.ts';
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

const limitEvents = async (open: VersionHouse): Promise<readonly string[]> =>
  (await open.eventsOf(DESK)).filter((type) => type.startsWith('session.limit'));
const stateOf = ({ limits }: Session): string | undefined => limits[0]?.state;

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
  afterEach(() => town.network.faults.clear());
  afterAll(() => town.stop());

  it('463 holds every first word until the end of the time-lock, and answers go out', async () => {
    const built = await opened('whatsapp', town.config, vault);
    const [known, stranger, another] = [town.guest(phone), town.guest(phone), town.guest(phone)];
    await known.say('Is my room ready?');
    await built.until(DESK, ({ lastInboundAt }) => lastInboundAt !== null);
    town.network.faults.onNextMessage(phone.pn, { error: 463 });
    const refused = await write(built, 'whatsapp', phoneAddress(stranger.pn));
    const held = await heldBy(built, refused, 'new_chats_closed');
    expect(held).toMatchObject({ status: 'queued', attempts: 0 });
    const [limit] = (await built.session(DESK)).limits;
    expect(limit).toMatchObject({ scope: 'new_chats', nativeCode: '463' });
    expect(Date.parse(held.heldBy?.until ?? '') - built.clock.now()).toBeGreaterThan(HOUR_MS); // no end was told
    const next = await write(built, 'whatsapp', phoneAddress(another.pn));
    expect(await heldBy(built, next, 'new_chats_closed')).toMatchObject({ attempts: 0 });
    const answer = await write(built, 'whatsapp', phoneAddress(known.pn));
    await until(built, answer.id, isSent);
    expect(await built.store.getMessage(next.id, null)).toMatchObject({ attempts: 0 });
  });

  it('a time-lock closes them until its end without that a message was refused, and its lifting opens them', async () => {
    const built = await opened('whatsapp', town.config, vault);
    town.network.faults.timelock(phone.pn, 3_600);
    const limited = await built.until(DESK, ({ limits }) => limits.length > 0);
    expect(limited.limits).toMatchObject([{ scope: 'new_chats', state: 'closed', nativeCode: 'WEB_COMPANION_ONLY' }]);
    const message = await write(built, 'whatsapp', phoneAddress(town.guest(phone).pn));
    const held = await heldBy(built, message, 'new_chats_closed');
    const leftMs = Date.parse(held.heldBy?.until ?? '') - built.clock.now();
    expect(leftMs).toBeGreaterThan(0.5 * HOUR_MS);
    expect(leftMs).toBeLessThanOrEqual(HOUR_MS + 1_000); // networks tell whole seconds
    town.network.faults.timelock(phone.pn, 0);
    await until(built, message.id, isSent);
    expect(await limitEvents(built)).toEqual(['session.limited', 'session.limit_over']);
  });

  it('a quota that warns slows them, one that is used up closes them until its cycle ends, and answers go out', async () => {
    const { faults } = town.network;
    const quota = (status: QuotaStatus, used: number, seconds: number): void =>
      faults.quota(phone.pn, { total: 100, used, status, seconds });
    // Before the connection: it is asked for then.
    quota('FIRST_WARNING', 96, 7_200);
    const built = await opened('whatsapp', town.config, vault);
    const slowed = await built.until(DESK, (session) => stateOf(session) === 'slowed');
    expect(slowed.limits).toMatchObject([{ code: 'new_chats_warning', nativeCode: 'FIRST_WARNING' }]);
    const known = town.guest(phone);
    await known.say('Is my room ready?');
    await built.until(DESK, ({ lastInboundAt }) => lastInboundAt !== null);
    const first = await write(built, 'whatsapp', phoneAddress(town.guest(phone).pn));
    await until(built, first.id, isSent);
    // Of the four that are left the first of all is out; no reserve is kept here, so three come at equal distances.
    const second = await write(built, 'whatsapp', phoneAddress(town.guest(phone).pn));
    const spread = await heldBy(built, second, 'new_chats_quota');
    expect(spread.heldBy?.detail).toContain('warned');
    const { lanes, budgets } = built.engine.pacingOf(DESK) ?? {};
    expect(lanes).toContainEqual(expect.objectContaining({ lane: 'new_chats', queued: 1 }));
    expect(budgets).toContainEqual(
      expect.objectContaining({ id: 'newChatsReservePercent', limit: 4, used: 1, left: 3 }),
    );
    quota('CAPPED', 100, 120);
    const closed = await heldBy(built, second, 'new_chats_closed');
    const leftMs = Date.parse(closed.heldBy?.until ?? '') - built.clock.now();
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(121_000); // networks tell whole seconds
    const answer = await write(built, 'whatsapp', phoneAddress(known.pn));
    await until(built, answer.id, isSent);
    // The box stops refusing and says nothing of it: what opens them is the clock.
    faults.clear();
    await until(built, second.id, isSent);
    expect((await built.session(DESK)).limits).toEqual([]);
    expect(await limitEvents(built)).toEqual(['session.limited', 'session.limited', 'session.limit_over']);
    expect(await built.store.getMessage(second.id, null)).toMatchObject({ attempts: 1 });
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
