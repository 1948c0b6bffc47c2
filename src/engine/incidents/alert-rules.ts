const HOUR_MS = 3_600_000;

/** When trouble becomes an alert, and an alert an all-clear. Durations in ms. */
export interface AlertRules {
  /** A line may be down for this long before anybody is disturbed. */
  readonly graceMs: number;
  /** Lines that go down within this time of each other are told together. */
  readonly groupMs: number;
  /** The all-clear waits until all has been well for this long. */
  readonly clearMs: number;
  /** A message that was to go out this long ago is stuck. */
  readonly queueMs: number;
  /** Less free space than this is too little; bytes. */
  readonly diskFreeBytes: number;
}

/** So many sessions of one channel are one trouble: two may be a coincidence. */
export const GROUP_FROM = 3;
/** After a cut nearly all are back within minutes. Who is not, so long after the last that came back, has a trouble of its own; ms. */
export const STRAGGLERS_AFTER_MS = HOUR_MS / 6;
/** A line that breaks this often within an hour is unstable, however short each break is. */
export const UNSTABLE_DROPS = 6;
/** The hour of the rule above, and how calm it must be for the all-clear; ms. */
export const UNSTABLE_WINDOW_MS = HOUR_MS;
/** While a person is needed, they are reminded this often; ms. */
export const REMIND_EVERY_MS = 24 * HOUR_MS;
/** Messages flow on an older client version; only one that stays is worth a word; ms. */
export const VERSION_PATIENCE_MS = HOUR_MS;
/** A phone that is off for a while is daily life, and guests are reached all the same; ms. */
export const PHONE_PATIENCE_MS = HOUR_MS / 2;
/** What is read once a minute is believed when it is seen twice; ms. */
export const TWO_LOOKS_MS = 90_000;
/** An endpoint that has refused for this long is not just being restarted; ms. */
export const WEBHOOK_PATIENCE_MS = HOUR_MS / 2;
/** A mail server that is restarted, or a receiver that is upgraded, is back by then; ms. */
export const ALERTING_PATIENCE_MS = HOUR_MS / 4;
/** A disk counts as mended only with so much more than too little, as a share: no alert may swing with a log file. */
export const DISK_MARGIN = 0.1;
