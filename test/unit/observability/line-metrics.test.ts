import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/observability/metrics.ts';

function setUp() {
  const clock = { now: 100_000 };
  const metrics = createMetrics({
    version: '0.1.0',
    figures: () => Promise.reject(new Error('not here')),
    tryStore: () => Promise.resolve(),
    disks: () => Promise.resolve([]),
    now: () => clock.now,
  });
  const lines = async (): Promise<string[]> =>
    (await metrics.renderOwn()).split('\n').filter((line) => line.startsWith('bellhop_line_'));
  return { ...metrics, clock, lines };
}

const AGE = 'bellhop_line_proven_seconds{session="front-desk",channel="whatsapp"}';

describe('metrics of lines', () => {
  it('tell the age of the last proof at each scrape, and nothing once the session is not connected', async () => {
    const { telemetry, clock, lines } = setUp();
    telemetry.lineProven('front-desk', 'whatsapp', 98_000);
    expect(await lines()).toContain(`${AGE} 2`);
    clock.now += 60_000;
    expect(await lines()).toContain(`${AGE} 62`);
    telemetry.lineProven('front-desk', 'whatsapp', null);
    expect((await lines()).join()).not.toContain('front-desk');
    telemetry.lineProven('front-desk', 'whatsapp', 98_000);
    telemetry.sessionGone('front-desk');
    expect((await lines()).join()).not.toContain('front-desk');
  });

  it('count questions by outcome and deafness by where it was found', async () => {
    const { telemetry, lines } = setUp();
    telemetry.lineAsked('front-desk', 'whatsapp', 'canary', 'answered', 1_500);
    telemetry.lineAsked('front-desk', 'whatsapp', 'canary', 'unanswered', null);
    telemetry.lineDeaf('front-desk', 'canary');
    const text = await lines();
    const labels = 'session="front-desk",channel="whatsapp",question="canary"';
    expect(text).toContain(`bellhop_line_questions_total{${labels},outcome="answered"} 1`);
    expect(text).toContain(`bellhop_line_questions_total{${labels},outcome="unanswered"} 1`);
    expect(text).toContain('bellhop_line_round_trip_seconds_sum{channel="whatsapp",question="canary"} 1.5');
    expect(text).toContain('bellhop_line_round_trip_seconds_count{channel="whatsapp",question="canary"} 1');
    expect(text).toContain('bellhop_line_deaf_total{session="front-desk",layer="canary"} 1');
  });
});
