import type { PacingConfig } from '../config/pacing-schema.ts';
import type { Rules } from '../engine/pacing/rules.ts';
import { defaultRules } from '../engine/pacing/rules.ts';

const MINUTES_PER_HOUR = 60;

/** What the planner goes by, of the configuration. */
export function rulesOf({ timeZone, quietHours, typing, limits }: PacingConfig): Rules {
  return {
    ...defaultRules(timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone),
    quietHours: { from: minutesOf(quietHours.from), to: minutesOf(quietHours.to) },
    typing,
    limits,
  };
}

/** Of `08:30`, from midnight. */
function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * MINUTES_PER_HOUR + minutes;
}
