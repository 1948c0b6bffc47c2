import type { Pacer } from './ports/index.ts';
import { offPacer } from './simple-pacer.ts';

/** Only channels on private endpoints go unpaced: those of a network's own servers are paced whatever the configuration says. */
export function pacerByChannel(human: Pacer, unpaced: ReadonlySet<string>): Pacer {
  const pacerOf = (channel: string): Pacer => (unpaced.has(channel) ? offPacer : human);
  return {
    mode: 'off',
    plan: (intent, now) => pacerOf(intent.channel).plan(intent, now),
    estimate: (intent, queuedBefore, now) => pacerOf(intent.channel).estimate(intent, queuedBefore, now),
    record: (outcome, now) => human.record(outcome, now),
  };
}
