import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { enforceSchema } from '../ban-model/enforce-input.ts';
import { Overseer } from '../ban-model/overseer.ts';
import type { Penalty } from '../ban-model/types.ts';

const ACCOUNT = 'hotel';
const DAY_MS = 24 * 60 * 60_000;

/** Writes to people who never wrote, one a quarter of an hour, every second of whom answers a day later. */
async function spread(isAnswered: boolean, until: (penalty: Penalty | null) => boolean) {
  const clock = new VirtualClock();
  const overseer = new Overseer({ clock, network: 'whatsapp' });
  overseer.enforce(enforceSchema.parse({ model: 'unanswered', ageDays: 0 }));
  for (let index = 0; index < 2_000; index += 1) {
    await clock.advance(DAY_MS / 96);
    const send = { to: `p${index}`, isGroup: false, textKey: null, isUndelivered: false, haveSpoken: false };
    const penalty = overseer.judge(ACCOUNT, send);
    if (isAnswered || index % 2 === 0) overseer.wrote(ACCOUNT, `p${index}`);
    if (until(penalty)) return { overseer, penalty, clock };
  }
  return { overseer, penalty: null, clock };
}

describe('the quota of new chats', () => {
  it('is told as the model counts it: free, warned near its end, used up', async () => {
    const { overseer, clock } = await spread(false, (penalty) => penalty?.kind === 'warning');
    const warned = overseer.quotaOf(ACCOUNT);
    expect(warned?.standing).toBe('first');
    expect((warned?.used ?? 0) / (warned?.total ?? 1)).toBeGreaterThanOrEqual(0.7);
    expect(warned?.until).toBeGreaterThan(clock.now());
    const { overseer: later, penalty } = await spread(false, (each) => each?.kind === 'no_new_chats');
    const closed = later.quotaOf(ACCOUNT);
    expect(closed).toMatchObject({ used: closed?.total, standing: 'used_up' });
    expect(penalty).toMatchObject({ until: closed?.until });
  });

  it('counts nobody who answers', async () => {
    const { overseer, penalty } = await spread(true, (each) => each !== null);
    expect(penalty).toBeNull();
    expect(overseer.quotaOf(ACCOUNT)).toMatchObject({ used: 0, standing: 'free' });
  });

  it('is none where nobody counts', () => {
    const overseer = new Overseer({ clock: new VirtualClock(), network: 'whatsapp' });
    expect(overseer.quotaOf(ACCOUNT)).toBeUndefined();
    overseer.enforce(enforceSchema.parse({ model: 'speed' }));
    expect(overseer.quotaOf(ACCOUNT)).toBeUndefined();
  });
});
