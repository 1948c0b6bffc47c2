import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../src/connector-api/index.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { NewChatNotices } from '../new-chat-notices.ts';

type Deps = ConstructorParameters<typeof NewChatNotices>[0];
const DAY_MS = 24 * 60 * 60_000;
const FREE = { isActive: false };

/** The library's socket as far as it is asked, which tells a time-lock as an update, as Baileys does. */
class FakeSocket {
  readonly clock = new VirtualClock();
  readonly ev = new EventEmitter();
  readonly events: ConnectorEvent[] = [];
  asked: string[] = [];
  lock: object = FREE;
  cap: () => Promise<unknown> = async () => ({ total_quota: -1, used_quota: 0, capping_status: 'NONE' });
  refusals = 0;
  readonly notices: NewChatNotices;

  constructor() {
    const sock = {
      ev: this.ev,
      fetchAccountReachoutTimelock: async () => {
        this.asked.push('lock');
        this.ev.emit('connection.update', { reachoutTimeLock: this.lock });
        return this.lock;
      },
      fetchNewChatMessageCap: () => {
        this.asked.push('cap');
        return this.cap();
      },
    };
    this.notices = new NewChatNotices({
      // Of the socket nothing else is used.
      sock: sock as unknown as Deps['sock'],
      clock: this.clock,
      log: silentLogger,
      emit: async (event) => {
        this.refusals -= 1;
        if (this.refusals >= 0) throw new Error('the disk is full');
        this.events.push(event);
      },
    });
    open.push(this.notices);
  }

  seconds(ms: number): string {
    return String((this.clock.now() + ms) / 1_000);
  }

  async start(): Promise<void> {
    this.notices.start();
    await this.clock.advance(1_000);
  }

  /** A notice of the server. */
  async notify(told: object): Promise<void> {
    this.ev.emit('message-capping.update', told);
    await this.clock.advance(1_000);
  }
}

const open: NewChatNotices[] = [];
afterEach(() => {
  for (const notices of open.splice(0)) notices.stop();
});

describe('what WhatsApp says of new chats', () => {
  it('is asked once after the connection is open, and told', async () => {
    const line = new FakeSocket();
    await line.start();
    await line.clock.advance(DAY_MS);
    expect(line.asked).toEqual(['lock', 'cap']);
    expect(line.events).toMatchObject([
      { type: 'limit', scope: 'new_chats', origin: 'timelock', state: 'open' },
      { type: 'limit', scope: 'new_chats', origin: 'quota', state: 'open' },
    ]);
  });

  it('is a lock with its end, and no lock when that has passed', async () => {
    const line = new FakeSocket();
    const end = line.clock.now() + DAY_MS;
    line.lock = { isActive: true, timeEnforcementEnds: new Date(end), enforcementType: 'BIZ_QUALITY' };
    await line.start();
    expect(line.events[0]).toMatchObject({ state: 'closed', endsInMs: DAY_MS, nativeCode: 'BIZ_QUALITY' });
    const over = new FakeSocket();
    over.lock = { isActive: true, timeEnforcementEnds: new Date(over.clock.now() - 1) };
    await over.start();
    expect(over.events[0]).toMatchObject({ origin: 'timelock', state: 'open' });
  });

  it('is said again when the lock comes or goes while the connection is open', async () => {
    const line = new FakeSocket();
    await line.start();
    for (const isActive of [true, false])
      line.ev.emit('connection.update', { reachoutTimeLock: { isActive, timeEnforcementEnds: undefined } });
    line.ev.emit('connection.update', { connection: 'open' });
    await line.clock.advance(1_000);
    expect(line.events.slice(2).map((event) => event.type === 'limit' && event.state)).toEqual(['closed', 'open']);
    expect(line.asked).toHaveLength(2);
  });

  it.each(['FIRST_WARNING', 'SECOND_WARNING', 'THIRD_WARNING'])('is a warning with what is left: %s', async (word) => {
    const line = new FakeSocket();
    const endsInMs = 9 * DAY_MS;
    await line.start();
    await line.notify({
      total_quota: 100,
      used_quota: '80',
      capping_status: word,
      cycle_end_timestamp: line.seconds(endsInMs),
    });
    expect(line.events.at(-1)).toMatchObject({
      origin: 'quota',
      state: 'warned',
      left: 20,
      nativeCode: word,
      endsInMs,
    });
  });

  it('is an end of new chats when the quota is used up', async () => {
    const line = new FakeSocket();
    const cycle_end_timestamp = Number(line.seconds(DAY_MS));
    line.cap = async () => ({ total_quota: 50, used_quota: 60, capping_status: 'CAPPED', cycle_end_timestamp });
    await line.start();
    expect(line.events.at(-1)).toMatchObject({ state: 'closed', left: 0, endsInMs: DAY_MS });
  });

  it('has no end or number that is nonsense', async () => {
    const line = new FakeSocket();
    line.cap = async () => ({ total_quota: -1, used_quota: 3, capping_status: 'CAPPED', cycle_end_timestamp: 'soon' });
    await line.start();
    expect(Object.keys(line.events.at(-1) ?? {}).sort()).toEqual(['nativeCode', 'origin', 'scope', 'state', 'type']);
    for (const told of [null, 'CAPPED', 7, { capping_status: 7 }]) line.notices.quotaTold(told);
    await line.clock.advance(1_000);
    expect(line.events).toHaveLength(2);
  });

  it('says nothing of what the server does not answer', async () => {
    const line = new FakeSocket();
    line.cap = () => Promise.reject(new Error('Internal Server Error'));
    await line.start();
    expect(line.events).toMatchObject([{ origin: 'timelock' }]);
  });

  it('is not undone by an older word that comes late', async () => {
    const line = new FakeSocket();
    await line.start();
    await line.notify({ capping_status: 'CAPPED', server_sent_timestamp: line.seconds(0) });
    await line.notify({ capping_status: 'FIRST_WARNING', server_sent_timestamp: line.seconds(-60_000) });
    expect(line.events.at(-1)).toMatchObject({ nativeCode: 'CAPPED' });
  });

  it('is told again later when it could not be stored, the latest word only', async () => {
    const line = new FakeSocket();
    line.refusals = 2;
    await line.start();
    expect(line.events).toEqual([]);
    await line.notify({ capping_status: 'SECOND_WARNING' });
    await line.clock.advance(60_000);
    expect(line.events.map((event) => event.type === 'limit' && [event.origin, event.state])).toEqual([
      ['timelock', 'open'],
      ['quota', 'warned'],
    ]);
  });

  it('is not told any more when the connection is over', async () => {
    const line = new FakeSocket();
    await line.start();
    line.notices.stop();
    await line.notify({ capping_status: 'CAPPED' });
    expect(line.events).toHaveLength(2);
  });
});
