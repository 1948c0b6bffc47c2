import type { PacingSettings } from '../../src/engine/pacing/governor.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';

/** Everything goes out at once, as with private endpoints. */
export const noPacing: PacingSettings = {
  rules: defaultRules('UTC'),
  isPaced: () => false,
  tellsDelivery: () => false,
};
