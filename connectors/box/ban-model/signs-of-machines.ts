import type { Sent } from './account-book.ts';
import { DAY_MS, HOUR_MS } from './account-book.ts';
import type { Sign } from './signs-of-people.ts';
import { worst } from './signs-of-people.ts';

const MINUTE_MS = 60_000;
/** Longer ones are no gaps but something else that somebody did. */
const LONGEST_GAP_MS = HOUR_MS / 2;
/** Nobody stops being alike by a tenth. */
const ALIKE = 0.1;

/** Faster than anybody. */
export const speed: Sign = (book, { at }, drawn) =>
  worst('speed', {
    'a burst': book.all.count(at - drawn('burstMs')) / drawn('burstMessages'),
    'too many a minute': book.all.count(at - MINUTE_MS) / (drawn('perMinute') + 1),
    'too many an hour': book.unasked.count(at - HOUR_MS) / (drawn('unaskedPerHour') + 1),
    'too many a day': book.unasked.count(at - DAY_MS) / (drawn('unaskedPerDay') + 1),
  });

/** Nobody types, or reads what is answered. */
export const noTyping: Sign = ({ recent }, _sent, drawn) => {
  const sample = recent.slice(-drawn('behaviourSample'));
  if (sample.length < drawn('behaviourSample')) return worst('no_typing', {});
  const odd = sample.filter(({ typedMs, hasRead }) => typedMs < drawn('typedMs') || hasRead === false).length;
  return worst('no_typing', { 'nobody types': (100 * odd) / sample.length / drawn('untypedPercent') });
};

/** Gaps that are alike. */
export const fixedGaps: Sign = ({ recent }, _sent, drawn) => {
  const gaps = gapsOf(recent).slice(-drawn('behaviourSample'));
  if (gaps.length < drawn('behaviourSample')) return worst('fixed_gaps', {});
  const median = [...gaps].sort((one, other) => one - other)[gaps.length >> 1] ?? 0;
  const alike = gaps.filter((gap) => Math.abs(gap - median) <= ALIKE * median).length;
  return worst('fixed_gaps', { 'gaps that are alike': (100 * alike) / gaps.length / drawn('alikePercent') });
};

/** Writes at night without having been asked. */
export const night: Sign = (book, sent, drawn) => {
  const isNight = ({ hour }: Sent): boolean => hour >= drawn('nightFrom') || hour < drawn('nightTo');
  if (!sent.isUnasked || !isNight(sent)) return worst('night', {});
  const atNight = book.unaskedSends.filter((each) => each.at > sent.at - 7 * DAY_MS && isNight(each)).length;
  return worst('night', { 'unasked at night': atNight / (drawn('nightsPerWeek') + 1) });
};

function gapsOf(sends: readonly Sent[]): readonly number[] {
  return sends.map(({ at }, index) => at - (sends[index - 1]?.at ?? -Infinity)).filter((gap) => gap <= LONGEST_GAP_MS);
}
