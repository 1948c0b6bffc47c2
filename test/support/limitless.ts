import type { Limits } from '../../src/engine/pacing/limits.ts';
import { defaultLimits } from '../../src/engine/pacing/limits.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';

const NO_LIMIT = 1e9;

/** Nothing but what a person needs: no budget, no pause of a limit, no quiet hours, each hour like the other. */
export const limitless: Rules = {
  ...defaultRules('Europe/Berlin'),
  quietHours: { from: 0, to: 0 },
  hourWeights: Array.from({ length: 24 }, () => 1),
  limits: withoutLimits(),
};

function withoutLimits(): Limits {
  const open = Object.keys(defaultLimits).map((id) => [id, /Seconds$|Percent$/.test(id) ? 0 : NO_LIMIT]);
  // The keys are those of the table.
  return { ...defaultLimits, ...(Object.fromEntries(open) as Partial<Limits>) };
}
