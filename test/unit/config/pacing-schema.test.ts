import { describe, expect, it } from 'vitest';
import { pacing } from '../../../src/config/pacing-schema.ts';
import { rulesOf } from '../../../src/daemon/pacing-rules.ts';
import { defaultLimits } from '../../../src/engine/pacing/limits.ts';

const accepts = (value: unknown): boolean => pacing.safeParse(value).success;

describe('the configuration of pacing', () => {
  it('has every limit of the table, with its default', () => {
    expect(pacing.parse({}).limits).toEqual(defaultLimits);
  });

  it('lets limits be made tighter and never looser', () => {
    expect(accepts({ limits: { ownPerHour: 19 } })).toBe(true);
    expect(accepts({ limits: { ownPerHour: 21 } })).toBe(false);
    expect(accepts({ limits: { ownPerHour: 0 } })).toBe(false);
    expect(accepts({ limits: { newChatsLater: 0 } })).toBe(true);
    expect(accepts({ limits: { newChatGapSeconds: 600 } })).toBe(true);
    expect(accepts({ limits: { newChatGapSeconds: 10 } })).toBe(false);
    expect(accepts({ limits: { replyRatioPercent: 40 } })).toBe(true);
    expect(accepts({ limits: { replyRatioPercent: 0 } })).toBe(false);
  });

  it('reads hours and zones, and refuses what is none', () => {
    const config = pacing.parse({
      timeZone: 'Asia/Tokyo',
      quietHours: { from: '22:30', to: '07:15' },
      typing: 'phone',
    });
    const rules = rulesOf(config);
    expect(rules).toMatchObject({
      timeZone: 'Asia/Tokyo',
      quietHours: { from: 22 * 60 + 30, to: 7 * 60 + 15 },
      typing: 'phone',
    });
    expect(accepts({ timeZone: 'Europe/Atlantis' })).toBe(false);
    expect(accepts({ quietHours: { from: '24:00' } })).toBe(false);
  });
});
