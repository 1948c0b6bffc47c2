import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, reason, SECOND_MS, Town } from './observations.ts';

const DOWN = 'opened: desk (WhatsApp) is down';
const UP = 'closed: desk (WhatsApp) is down';
const RELINK = 'desk (WhatsApp) needs you: link it again';

describe('a session', () => {
  it('that is down for less than the grace is no alert', () => {
    const town = new Town('desk');
    town.pass(MINUTE_MS);
    town.set('desk', 'backing_off', reason('none'));
    town.pass(2 * MINUTE_MS);
    town.set('desk', 'connected');
    town.pass(10 * MINUTE_MS);
    expect(town.said).toEqual([]);
  });

  it('that stays down is told once, and its recovery once after a calm minute', () => {
    const town = new Town('desk');
    town.set('desk', 'backing_off', reason('none'));
    const since = town.now;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      town.set('desk', 'connecting');
      town.pass(10 * SECOND_MS);
      town.set('desk', 'backing_off', reason('none'));
      town.pass(20 * SECOND_MS);
    }
    expect(town.said).toEqual([DOWN]);
    expect(Date.parse(town.open[0]?.alert.since ?? '')).toBe(since);
    town.set('desk', 'connected');
    const endedAt = town.now;
    town.pass(50 * SECOND_MS);
    expect(town.said).toEqual([DOWN]);
    town.pass(15 * SECOND_MS);
    expect(town.said).toEqual([DOWN, UP]);
    const [closed] = town.saved.values();
    expect(closed?.alert).toMatchObject({ resolution: 'recovered', endedAt: new Date(endedAt).toISOString() });
  });

  it.each([
    ['logged_out', reason('relink'), RELINK],
    ['banned', reason('open_app'), 'desk (WhatsApp) needs you: look into the app on the phone'],
    ['stopped', reason('start', 'vault_corrupt'), 'desk (WhatsApp) needs you: start it again'],
    ['backing_off', reason('upgrade'), 'desk (WhatsApp) needs you: upgrade Bellhop'],
    ['unlinked', reason('link', 'vault_empty'), 'desk (WhatsApp) needs you: link it'],
  ] as const)('that is %s needs a person within half a minute', (state, why, title) => {
    const town = new Town('desk');
    town.set('desk', state, why);
    town.pass(25 * SECOND_MS);
    expect(town.said).toEqual([]);
    town.pass(15 * SECOND_MS);
    expect(town.said).toEqual([`opened: ${title}`]);
    expect(town.open[0]?.alert).toMatchObject({ text: 'It happened.', remedy: 'Do it.', code: why.code });
  });

  it.each([
    ['stopped', reason('start', 'stopped_by_operator')],
    ['unlinked', reason('link')],
    ['linking', null],
  ] as const)('that a person has made %s is no alert', (state, why) => {
    const town = new Town('desk');
    town.set('desk', state, why);
    town.pass(HOUR_MS);
    expect(town.said).toEqual([]);
  });

  it('that worsens is one alert, with news only when a person has something else to do', () => {
    const town = new Town('desk');
    town.set('desk', 'backing_off', reason('none', 'one'));
    town.pass(5 * MINUTE_MS);
    town.set('desk', 'backing_off', reason('none', 'two'));
    town.pass(5 * MINUTE_MS);
    town.set('desk', 'logged_out', reason('relink'));
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual([DOWN, `updated: ${RELINK}`]);
    // Somebody links it again, but the line is bad: no news, then the all-clear.
    town.set('desk', 'linking');
    town.pass(5 * MINUTE_MS);
    town.set('desk', 'backing_off', reason('none', 'two'));
    town.pass(5 * MINUTE_MS);
    town.set('desk', 'connected');
    town.pass(2 * MINUTE_MS);
    expect(town.said).toEqual([DOWN, `updated: ${RELINK}`, UP]);
  });

  it('that waits for a person reminds of it once a day', () => {
    const town = new Town('desk');
    town.set('desk', 'logged_out', reason('relink'));
    town.pass(50 * HOUR_MS, MINUTE_MS);
    expect(town.said).toEqual([`opened: ${RELINK}`, `reminder: ${RELINK}`, `reminder: ${RELINK}`]);
  });

  it('that is stopped or removed by the operator ends its alert', () => {
    const town = new Town('desk', 'bar');
    town.set('desk', 'logged_out', reason('relink'));
    town.set('bar', 'banned', reason('open_app'));
    town.pass(MINUTE_MS);
    town.set('desk', 'stopped', reason('start', 'stopped_by_operator'));
    town.sessions.delete('bar');
    town.pass(10 * SECOND_MS);
    expect(town.open).toEqual([]);
    expect([...town.saved.values()].map(({ alert }) => alert.resolution)).toEqual(['ended', 'ended']);
  });

  it('that flaps is unstable, once, until a calm hour', () => {
    const town = new Town('desk');
    for (let flap = 0; flap < 12; flap += 1) {
      town.set('desk', 'backing_off', reason('none'));
      town.pass(20 * SECOND_MS);
      town.set('desk', 'connected');
      town.pass(4 * MINUTE_MS);
    }
    const unstable = 'desk (WhatsApp) keeps losing its connection';
    expect(town.said).toEqual([`opened: ${unstable}`]);
    town.pass(50 * MINUTE_MS);
    town.restart();
    expect(town.said).toHaveLength(1);
    town.pass(10 * MINUTE_MS);
    expect(town.said).toEqual([`opened: ${unstable}`, `closed: ${unstable}`]);
  });

  it('whose breaks fell between two looks is unstable all the same', () => {
    const town = new Town('desk');
    town.pass(MINUTE_MS);
    for (let flap = 0; flap < 6; flap += 1) {
      town.set('desk', 'backing_off', reason('none'));
      town.now += SECOND_MS;
      town.set('desk', 'connected');
      town.pass(MINUTE_MS);
    }
    expect(town.said).toEqual(['opened: desk (WhatsApp) keeps losing its connection']);
  });
});

describe('a session that is connected', () => {
  it('and deaf is told after the grace', () => {
    const town = new Town('desk');
    town.set('desk', 'degraded', reason('none', 'deaf'));
    town.pass(2 * MINUTE_MS);
    expect(town.said).toEqual([]);
    town.pass(2 * MINUTE_MS);
    expect(town.said).toEqual(['opened: desk (WhatsApp) is connected, but seems not to hear']);
  });

  it('and whose phone is silent now and then is no alert, and not unstable', () => {
    const town = new Town('desk');
    for (let nap = 0; nap < 8; nap += 1) {
      town.set('desk', 'degraded', reason('open_app', 'phone_silent'));
      town.pass(5 * MINUTE_MS);
      town.set('desk', 'connected');
      town.pass(MINUTE_MS);
    }
    expect(town.said).toEqual([]);
    town.set('desk', 'degraded', reason('open_app', 'phone_silent'));
    town.pass(HOUR_MS);
    expect(town.said).toEqual(['opened: desk (WhatsApp) needs you: look into the app on the phone']);
  });

  it('is told without the numbers that a network put into its words', () => {
    const town = new Town('desk');
    const text = 'Account +49 30 1234567 (4930123@s.whatsapp.net) runs 2.3000.1043857760.';
    town.set('desk', 'banned', { ...reason('open_app'), text });
    town.pass(MINUTE_MS);
    expect(town.open[0]?.alert.text).toBe('Account (number) ((number)) runs 2.3000.1043857760.');
  });
});

describe('a restart', () => {
  it('tells nothing a second time, and gives the all-clear for what was mended meanwhile', () => {
    const town = new Town('desk');
    town.set('desk', 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    town.restart();
    town.pass(10 * MINUTE_MS);
    expect(town.said).toEqual([DOWN]);
    town.set('desk', 'connected');
    town.restart();
    town.pass(2 * MINUTE_MS);
    expect(town.said).toEqual([DOWN, UP]);
  });

  it('gives a session its whole grace, whatever the store says of the time before', () => {
    const town = new Town('desk');
    town.set('desk', 'backing_off', reason('none'));
    town.now += HOUR_MS; // the daemon was not running
    town.restart();
    town.pass(2 * MINUTE_MS);
    town.set('desk', 'connected');
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual([]);
  });
});
