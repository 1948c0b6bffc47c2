import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectorHost, SessionListener } from '../../../src/engine/ports/index.ts';
import { admin, EngineFixture, networkCause } from '../../support/engine-fixture.ts';

let fixture: EngineFixture;
let listener: SessionListener | undefined;

beforeEach(async () => {
  fixture = await EngineFixture.open();
  const { host } = fixture;
  const open: ConnectorHost['open'] = host.open.bind(host);
  host.open = (spec, told) => {
    listener = told;
    return open(spec, told);
  };
});
afterEach(async () => {
  await fixture.engine.stop(0);
  await fixture.store.close();
});

const sessionEvents = async (): Promise<string[]> =>
  (await fixture.eventTypes()).filter((type) => type.startsWith('session.'));

/** Time passes until the session has been moved. */
async function move(): Promise<void> {
  let isDone = false;
  void listener?.onMove?.().then(() => {
    isDone = true;
  });
  await fixture.until(() => isDone);
}

describe('a session whose process is replaced', () => {
  it('is closed and opened again, connected at once, and nobody is alarmed', async () => {
    const line = await fixture.online();
    await move();
    expect([line.opened, line.closed, line.count('connect')]).toEqual([2, 1, 2]);
    expect((await fixture.session()).state).toBe('connected');
    expect(await sessionEvents()).toEqual(['session.connected']);
    const { data } = await fixture.store.listTimeline('front-desk', { limit: 2 });
    expect(data.map(({ state, reason }) => [state, reason?.text])).toEqual([
      ['connected', undefined],
      ['connecting', 'Moved to a new process.'],
    ]);
  });

  it('lets a send under way end first, and sends what waits afterwards', async () => {
    const line = await fixture.online();
    let letGo = (): void => undefined;
    line.sends.push(
      (message) =>
        new Promise((resolve) => {
          letGo = () => {
            line.deliver(message);
            resolve();
          };
        }),
    );
    const first = await fixture.accept();
    const second = await fixture.accept({ body: 'Good night.' });
    await fixture.until(() => line.sendsUnderWay === 1);
    const moved = move();
    await fixture.clock.advance(1_000);
    expect(line.closed).toBe(0);
    letGo();
    await moved;
    expect((await fixture.untilStatus(first.id, 'sent')).attempts).toBe(1);
    expect((await fixture.untilStatus(second.id, 'sent')).attempts).toBe(1);
    expect(line.arrivals).toHaveLength(2);
  });

  it('only leaves the process when it was not connected', async () => {
    const line = await fixture.online();
    line.connects.push(networkCause);
    await line.drop(networkCause);
    await fixture.untilState('backing_off');
    const connects = line.count('connect');
    await move();
    expect([(await fixture.session()).state, line.count('connect')]).toEqual(['backing_off', connects]);
    expect(line.closed).toBe(1);
    await fixture.untilState('connected');
    expect(line.opened).toBe(2);
  });

  it('stays where it is while a person is linking it', async () => {
    await fixture.engine.start();
    const line = fixture.host.line('front-desk');
    line.linked = false;
    line.steps.push({ type: 'display', display: 'qr', data: 'qr-1', expiresAt: 0 }, 'hang');
    await fixture.engine.api.sessions.create(admin, { id: 'front-desk', channel: 'fake' });
    await fixture.engine.api.sessions.beginLink(admin, 'front-desk', { method: 'qr' });
    await move();
    expect([(await fixture.session()).state, line.closed]).toEqual(['linking', 0]);
  });

  it('is treated as after any other end when it does not come up again', async () => {
    const line = await fixture.online();
    line.connects.push(networkCause, networkCause);
    await move();
    expect((await fixture.session()).state).toBe('backing_off');
    await fixture.untilState('connected');
    expect(await sessionEvents()).toEqual(['session.connected', 'session.disconnected', 'session.recovered']);
  });

  it('obeys an operator who stops it meanwhile', async () => {
    const line = await fixture.online();
    line.connects.push('hang');
    void listener?.onMove?.();
    await fixture.until(() => line.count('connect') === 2);
    await fixture.engine.api.sessions.stop(admin, 'front-desk');
    expect((await fixture.session()).state).toBe('stopped');
    await fixture.clock.advance(60_000);
    expect((await fixture.session()).state).toBe('stopped');
  });
});
