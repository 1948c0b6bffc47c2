import type { Fault } from './fault.ts';
import { stops } from './fault.ts';
import type { TelegramStage } from './stage-telegram.ts';

export type TelegramFault = Fault<TelegramStage>;

export const ERRORS = 'core.telegram.org/api/errors';

export const lost = stops(['logged_out'], 'relink');
export const closed = stops(['banned', 'logged_out'], 'open_app', 'relink');
export const setting = stops(
  ['unknown', 'restricted', 'protocol_changed', 'client_outdated', 'network'],
  'start',
  'upgrade',
);
