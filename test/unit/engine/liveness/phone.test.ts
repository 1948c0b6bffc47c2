import { describe, expect, it } from 'vitest';
import { LineLife } from '../../../support/line-life.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const switchedOff = async (): Promise<LineLife> => {
  const life = await LineLife.begin({ answeredBy: 'phone' });
  await life.live(10 * MINUTE_MS);
  life.goDeaf();
  return life;
};
const untilDoubted = (life: LineLife): Promise<number> =>
  life.liveUntil(async () => (await life.fixture.session()).state === 'degraded', 15 * MINUTE_MS);

describe('a phone that does not answer while the network does', () => {
  it('costs one new socket without an alarm, and is then shown and not fought', async () => {
    const life = await switchedOff();
    await untilDoubted(life);
    expect(life.connections).toBe(2);
    const { reason } = await life.fixture.session();
    expect(reason).toMatchObject({ code: 'phone_silent', action: 'open_app', retryAt: null });
    expect(reason?.text).toContain('has not answered since 2026-');
    expect(reason?.remedy).toContain('probably still reached');
    await life.live(8 * HOUR_MS);
    expect(life.connections).toBe(2);
    expect(await life.sessionEvents()).toEqual(['session.connected', 'session.degraded']);
    // A phone that is switched on in the morning does not find hundreds of questions.
    expect(life.line.count('sendCanary')).toBeLessThan(30);
  });

  it('is forgiven with its first answer', async () => {
    const life = await switchedOff();
    await untilDoubted(life);
    life.hearAgain();
    await life.liveUntil(async () => (await life.fixture.session()).state === 'connected', HOUR_MS);
    expect(await life.sessionEvents()).toEqual(['session.connected', 'session.degraded', 'session.recovered']);
    expect(life.connections).toBe(2);
  });

  it('is no matter once a guest is heard', async () => {
    const life = await switchedOff();
    await untilDoubted(life);
    await life.line.emit({ type: 'message', message: life.fixture.inbound() });
    await life.fixture.untilState('connected');
    expect((await life.sessionEvents()).at(-1)).toBe('session.recovered');
  });

  it('is not forgiven for what the network says', async () => {
    const life = await switchedOff();
    await untilDoubted(life);
    await life.live(5 * MINUTE_MS, () => ({ pushes: 1 }));
    expect((await life.fixture.session()).state).toBe('degraded');
  });

  it('is evidence of a dead line when the network does not answer either', async () => {
    const life = await switchedOff();
    life.line.onProbe = () => 'hang';
    const tookMs = await life.liveUntil(() => life.connections === 2, 7 * MINUTE_MS);
    expect(tookMs).toBeLessThanOrEqual(6 * MINUTE_MS);
    expect(await life.codes()).toEqual(['line_no_answer']);
    expect(await life.sessionEvents()).toContain('session.disconnected');
  });

  it('finds a deaf line on a busy account within a minute, at the price of that one socket', async () => {
    const life = await LineLife.begin({ answeredBy: 'phone' });
    await life.live(10 * MINUTE_MS, (index) => ({ pushes: index % 2 }));
    life.goDeaf();
    const tookMs = await life.liveUntil(() => life.connections === 2, 2 * MINUTE_MS);
    expect(tookMs).toBeLessThanOrEqual(60 * SECOND_MS);
    life.hearAgain();
    await life.live(HOUR_MS, (index) => ({ pushes: index % 2 }));
    expect(life.connections).toBe(2);
    expect((await life.fixture.session()).state).toBe('connected');
  });
});
