import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DisconnectCause } from '../../../src/connector-api/index.ts';
import { DisconnectError } from '../../../src/connector-api/index.ts';
import { systemClock, withDeadline } from '../../../src/core/clock.ts';
import { Door } from '../../../test/corpus/door.ts';
import type { Phone } from '../simulator/people/phone.ts';
import type { TestSession } from './session-support.ts';
import { muteConsole, phoneAddress, Town } from './session-support.ts';

/** The answer to the upgrade is shorter, with the first words of the server it is longer. */
const UPGRADE_BYTES = 200;

const town = new Town();
let phone: Phone;
let hotel: TestSession;
let device: string;

beforeAll(async () => {
  muteConsole();
  await town.start();
  ({ phone, hotel } = await town.linked());
  device = phone.companions()[0] ?? '';
});
afterAll(() => town.stop());
beforeEach(async () => {
  muteConsole();
  town.network.faults.clear();
  hotel.events.length = 0;
  await hotel.session.disconnect();
});

const { faults } = town.network;

async function refusalOf(connecting: Promise<unknown>): Promise<DisconnectCause> {
  const error: unknown = await connecting.catch((reason: unknown) => reason);
  if (!(error instanceof DisconnectError)) throw new Error(`expected a DisconnectError, got ${String(error)}`);
  return error.reason;
}

const ends = () => hotel.events.filter(({ type }) => type === 'disconnected');

describe('the end of a connection', () => {
  it.each([
    ['another client with the same link', () => faults.replace(device), 'replaced', 'whatsapp_440_replaced'],
    ['a ban', () => faults.ban(device), 'banned', 'whatsapp_403_locked'],
    ['an outage', () => faults.outage(device), 'network', 'whatsapp_503_unavailable'],
    ['a restart of the server', () => faults.streamError(device, 515), 'restart_required', undefined],
    ['an error without a code', () => faults.streamError(device), 'network', 'whatsapp_500_stream_error'],
    ['an orderly end', () => faults.endStream(device), 'network', 'whatsapp_428_connection_closed'],
    ['a broken line', () => faults.cut(device), 'network', undefined],
  ] as const)('by %s is told once', async (_name, strike, kind, code) => {
    await hotel.session.connect();
    strike();
    const { cause } = await hotel.event('disconnected');
    expect(cause.kind).toBe(kind);
    if (code !== undefined) expect(cause.code).toBe(code);
    await hotel.session.disconnect();
    expect(ends()).toHaveLength(1);
  });

  it('by a temporary ban tells how long it lasts', async () => {
    await hotel.session.connect();
    faults.tempBan(device, { code: 104, expireSeconds: 3_600 });
    const { cause } = await hotel.event('disconnected');
    expect(cause).toMatchObject({ kind: 'restricted', retryAfterMs: 3_600_000, native: { code: '104' } });
  });

  it('by ourselves is not told', async () => {
    await hotel.session.connect();
    await hotel.session.disconnect();
    await hotel.session.disconnect();
    expect(ends()).toEqual([]);
  });

  it('is told again until the daemon has stored it', async () => {
    await hotel.session.connect();
    let refusals = 1;
    hotel.beforeStore = async ({ type }) => {
      if (type !== 'disconnected' || refusals === 0) return;
      refusals -= 1;
      throw new Error('disk full');
    };
    faults.cut(device);
    await hotel.event('disconnected');
    expect(ends()).toHaveLength(1);
    hotel.beforeStore = async () => undefined;
  });

  it('comes within five seconds when the other side says nothing any more', async () => {
    await hotel.session.connect();
    faults.silence(device);
    await withDeadline(systemClock, 5_000, hotel.session.disconnect(), () => new Error('took longer'));
  });
});

describe('a connection that does not open', () => {
  it('because a proxy answers the upgrade is refused at once, not after a silent hang', async () => {
    faults.refuseUpgrade(503);
    expect(await refusalOf(hotel.session.connect())).toMatchObject({
      kind: 'network',
      code: 'whatsapp_upgrade_refused',
      nativeCode: '503',
      anyVersion: true,
    });
    expect(ends()).toEqual([]);
  });

  it.each([
    [405, 'client_outdated'],
    [402, 'restricted'],
    [406, 'banned'],
    [409, 'client_outdated'],
    [477, 'unknown'],
    [1, 'unknown'],
  ] as const)('because of failure %i says so', async (reason, kind) => {
    faults.refuseLogins(device, reason);
    expect(await refusalOf(hotel.session.connect())).toMatchObject({ kind, nativeCode: String(reason) });
  });

  it('because nobody listens says so', async () => {
    const away = town.session(hotel.vault, { endpoint: 'ws://127.0.0.1:9/ws/chat' });
    expect(await refusalOf(away.session.connect())).toMatchObject({
      code: 'whatsapp_network_error',
      nativeCode: 'ECONNREFUSED',
      anyVersion: true,
    });
  });

  it('because what answers speaks no TLS says so, and blames no version', async () => {
    const endpoint = town.config.endpoint?.replace('ws:', 'wss:');
    const away = town.session(hotel.vault, { ...town.config, ...(endpoint === undefined ? {} : { endpoint }) });
    expect(await refusalOf(away.session.connect())).toMatchObject({ code: 'whatsapp_tls_failed', anyVersion: true });
  });

  it('because the line breaks in the handshake may be about the version', async () => {
    const door = new Door({ target: town.network.port });
    await door.start();
    onTestFinished(() => door.stop());
    await door.become({ do: 'cut after', bytes: UPGRADE_BYTES });
    const endpoint = `ws://127.0.0.1:${door.port}/ws/chat`;
    const away = town.session(hotel.vault, { ...town.config, endpoint });
    const cause = await refusalOf(away.session.connect());
    expect(cause.kind).toBe('network');
    expect(cause.anyVersion).toBeUndefined();
  });

  it.each(['other_root', 'altered_leaf', 'altered_intermediate', 'replayed'] as const)(
    'because the server shows a chain that is %s is not trusted',
    async (variant) => {
      faults.showCertificates(variant);
      expect(await refusalOf(hotel.session.connect())).toMatchObject({ code: 'whatsapp_untrusted_server' });
    },
  );

  it('can open with another client version, without a new link', async () => {
    faults.acceptVersions({ oldest: [2, 3000, 2_000_000_000] }, device);
    expect(await refusalOf(hotel.session.connect())).toMatchObject({ kind: 'client_outdated' });
    const newer = town.session(hotel.vault, { ...town.config, versions: [[2, 3000, 2_000_000_001]] });
    const connected = await newer.session.connect();
    expect(connected).toMatchObject({ version: '2.3000.2000000001', account: { address: phoneAddress(phone.pn) } });
    await newer.session.disconnect();
  });

  it('needs a link', async () => {
    expect(await refusalOf(town.session().session.connect())).toMatchObject({ kind: 'logged_out' });
  });
});

describe('the end of a link', () => {
  it('by the phone is told, and later logins are refused', async () => {
    const other = await town.linked();
    other.phone.removeCompanion(other.phone.companions()[0] ?? '');
    const { cause } = await other.hotel.event('disconnected');
    expect(cause).toMatchObject({ kind: 'logged_out', native: { type: 'device_removed' } });
    expect(await refusalOf(other.hotel.session.connect())).toMatchObject({ kind: 'logged_out' });
    const before = town.network.traffic.count({ kind: 'connected' });
    await other.hotel.session.logout();
    expect(town.network.traffic.count({ kind: 'connected' })).toBe(before); // nobody is left to unlink from
    expect(other.hotel.session.isLinked()).toBe(false);
  });

  it('comes before a new one: linking over a link is refused', async () => {
    expect(() => hotel.session.beginLogin({ method: 'qr' })).toThrow(
      expect.objectContaining({ code: 'session_not_linkable' }),
    );
  });

  it('by logout removes the device from the account and everything from the vault', async () => {
    const other = await town.linked();
    await other.hotel.session.logout();
    expect(other.phone.companions()).toEqual([]);
    expect(other.hotel.session.isLinked()).toBe(false);
    expect(other.hotel.vault.secrets.entries('creds')).toEqual([]);
    expect(other.hotel.events.filter(({ type }) => type === 'disconnected')).toEqual([]);
  });

  it('by logout while away connects once more to say so', async () => {
    const other = await town.linked();
    await other.hotel.session.disconnect();
    await other.hotel.session.logout();
    expect(other.phone.companions()).toEqual([]);
    expect(other.hotel.session.isLinked()).toBe(false);
  });

  it('by logout without the network erases the vault all the same', async () => {
    const other = await town.linked();
    await other.hotel.session.disconnect();
    faults.refuseUpgrade(503);
    await other.hotel.session.logout();
    expect(other.hotel.session.isLinked()).toBe(false);
  });
});

describe('a vault that cannot be written', () => {
  it('ends the connection before anything is acknowledged; the message comes once it can', async () => {
    const guest = town.guest(phone);
    await hotel.session.connect();
    await hotel.message(await guest.say('One'));
    hotel.vault.beforeCommit = () => {
      throw new Error('disk full');
    };
    const said = await guest.say('Two');
    const { cause } = await hotel.event('disconnected');
    expect(cause.code).toBe('whatsapp_store_failed');
    expect(hotel.countOf(said)).toBe(0);
    hotel.vault.beforeCommit = undefined;
    await hotel.session.connect();
    expect(await hotel.message(said)).toMatchObject({ content: { body: 'Two' } });
    expect(hotel.countOf(said)).toBe(1);
    expect(guest.inbox.duplicatesShown).toBe(0);
  });

  it('keeps a message from being sent, and says so', async () => {
    const guest = town.guest(phone);
    await hotel.session.connect();
    const { chat } = await hotel.message(await guest.say('One'));
    hotel.vault.beforeCommit = () => {
      throw new Error('disk full');
    };
    const sending = hotel.send(chat, { type: 'text', body: 'Answer' });
    await expect(sending).rejects.toMatchObject({ name: 'SendError', certainty: 'not_sent', retryable: true });
    hotel.vault.beforeCommit = undefined;
    expect(guest.inbox.texts()).toEqual([]);
  });

  it('of the daemon makes messages wait in the vault', async () => {
    const guest = town.guest(phone);
    await hotel.session.connect();
    let refusals = 2;
    hotel.beforeStore = async ({ type }) => {
      if (type !== 'message' || refusals === 0) return;
      refusals -= 1;
      throw new Error('disk full');
    };
    const said = await guest.say('Are you there?');
    await hotel.message(said);
    hotel.beforeStore = async () => undefined;
    expect(hotel.countOf(said)).toBe(1);
  });
});
