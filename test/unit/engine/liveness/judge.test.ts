import { describe, expect, it } from 'vitest';
import type { LineFacts, Verdict } from '../../../../src/engine/liveness/judge.ts';
import { judge } from '../../../../src/engine/liveness/judge.ts';

const NOW = 1_000_000;
const NEVER = Number.NEGATIVE_INFINITY;

const calm: LineFacts = {
  canAsk: { canary: true, probe: true },
  answeredBy: 'network',
  provenAt: NOW - 10_000,
  quietSince: NOW - 10_000,
  askAfterMs: 60_000,
  question: undefined,
  askedAt: { canary: NEVER, probe: NEVER },
  unanswered: { canary: 0, probe: 0 },
  probeAnsweredAt: NEVER,
  wantsProbe: false,
  missed: 0,
  isPhoneSilent: false,
  silentForMs: 0,
  oldestPendingMs: 0,
  pulsedAt: NOW - 1_000,
  blockedAt: NEVER,
};
const asked = (kind: 'canary' | 'probe', agoMs: number): Partial<LineFacts> => ({
  question: { kind, askedAt: NOW - agoMs },
  askedAt: { canary: NEVER, probe: NEVER, [kind]: NOW - agoMs },
  provenAt: NOW - agoMs - 30_000,
});
const canaries = (unanswered: number): Partial<LineFacts> => ({ unanswered: { canary: unanswered, probe: 0 } });
const probes = (unanswered: number): Partial<LineFacts> => ({ unanswered: { canary: 0, probe: unanswered } });
const ask = (question: 'canary' | 'probe'): Verdict => ({ do: 'ask', question });
const deaf = (layer: string) => ({ do: 'deaf', layer });
const phone = { answeredBy: 'phone', askedAt: { canary: NOW - 15_000, probe: NEVER } } as const;

const cases: readonly [string, Partial<LineFacts>, unknown][] = [
  ['a line that was just proven is left alone', {}, { do: 'wait', until: NOW + 50_000 }],
  ['a quiet one is asked', { quietSince: NOW - 60_000 }, ask('canary')],
  [
    'by a probe where there is no canary',
    { quietSince: NOW - 60_000, canAsk: { canary: false, probe: true } },
    ask('probe'),
  ],
  [
    'one that cannot be asked is never judged for being quiet',
    { quietSince: NEVER, silentForMs: 999_999_999, canAsk: { canary: false, probe: false } },
    { do: 'wait', until: Number.POSITIVE_INFINITY },
  ],
  [
    'canaries keep half a minute of distance',
    { quietSince: NEVER, askedAt: { canary: NOW - 29_000, probe: NEVER } },
    { do: 'wait', until: NOW + 1_000 },
  ],
  ['no byte for a minute is a reason for a probe', { silentForMs: 60_000 }, ask('probe')],
  ['no byte for less is not', { silentForMs: 59_000 }, { do: 'wait', until: NOW + 50_000 }],

  ['a canary has 15 s', asked('canary', 14_000), { do: 'wait', until: NOW + 1_000 }],
  ['and then counts as lost', asked('canary', 15_000), { do: 'give_up' }],
  ['a probe has 10 s', asked('probe', 9_000), { do: 'wait', until: NOW + 1_000 }],
  ['and then counts as lost', asked('probe', 10_000), { do: 'give_up' }],
  [
    'a push after the question makes it needless',
    { ...asked('canary', 15_000), provenAt: NOW - 2_000 },
    { do: 'drop' },
  ],
  [
    'time in which somebody was blocked does not count',
    { ...asked('canary', 15_000), blockedAt: NOW - 5_000 },
    { do: 'wait', until: NOW + 10_000 },
  ],
  [
    'nor does time in which the process tells nothing',
    { ...asked('canary', 15_000), pulsedAt: NOW - 13_000 },
    { do: 'wait', until: NOW + 12_000 },
  ],
  ['but for a minute at most', { ...asked('canary', 70_000), pulsedAt: NOW - 60_000 }, { do: 'give_up' }],
  ['a host without pulses is judged without', { ...asked('canary', 15_000), pulsedAt: undefined }, { do: 'give_up' }],
  [
    'a canary that waits behind something else is waited for',
    { ...asked('canary', 20_000), oldestPendingMs: 25_000 },
    { do: 'wait', until: NOW + 12_000 },
  ],
  ['until that is stuck', { ...asked('canary', 130_000), oldestPendingMs: 140_000 }, deaf('library')],
  [
    'what came after the canary holds nothing up',
    { ...asked('canary', 20_000), oldestPendingMs: 19_000 },
    { do: 'give_up' },
  ],

  ['one lost canary is a reason for another', canaries(1), ask('canary')],
  ['two are evidence', canaries(2), deaf('canary')],
  ['one lost probe is a reason for another', probes(1), ask('probe')],
  ['two are evidence', probes(2), deaf('answers')],
  ['and have the name of the silence if there was one', { ...probes(2), silentForMs: 61_000 }, deaf('bytes')],
  ['a refused canary leads to a probe', { wantsProbe: true }, ask('probe')],
  ['one thing that was not pushed is watched', { missed: 1 }, { do: 'wait', until: NOW + 50_000 }],
  ['two are evidence', { missed: 2 }, deaf('pushes')],
  ['two minutes in the library are evidence', { oldestPendingMs: 120_000 }, deaf('library')],
  ['less are not', { oldestPendingMs: 119_000 }, { do: 'wait', until: NOW + 50_000 }],
  [
    'nor are they while the process was blocked',
    { oldestPendingMs: 120_000, blockedAt: NOW - 1_000 },
    { do: 'wait', until: NOW + 50_000 },
  ],

  ['a phone that is silent once is asked again', { ...phone, ...canaries(1) }, ask('canary')],
  ['twice: the network is asked', { ...phone, ...canaries(2) }, ask('probe')],
  ['if it answers it is a doubt', { ...phone, ...canaries(2), probeAnsweredAt: NOW - 1_000 }, { do: 'doubt' }],
  ['an older answer does not help', { ...phone, ...canaries(2), probeAnsweredAt: NOW - 20_000 }, ask('probe')],
  ['if it does not, it is evidence', { ...phone, unanswered: { canary: 2, probe: 2 } }, deaf('answers')],
  ['a phone known to be silent is asked once', { ...phone, ...canaries(1), isPhoneSilent: true }, ask('probe')],
  [
    'where there is no probe it stays a doubt',
    { ...phone, ...canaries(2), canAsk: { canary: true, probe: false } },
    { do: 'doubt' },
  ],
];

describe('what to make of a line', () => {
  it.each(cases)('%s', (_name, facts, expected) => {
    expect(judge({ ...calm, ...facts }, NOW)).toEqual(expected);
  });

  it('never finds evidence in quiet alone, however long', () => {
    for (const silentForMs of [0, 60_000, 9e9])
      for (const quietSince of [NOW, NOW - 9e9, NEVER])
        for (const probe of [true, false])
          for (const canary of [true, false]) {
            const facts = { ...calm, silentForMs, quietSince, provenAt: NOW - 9e9, canAsk: { canary, probe } };
            expect(['ask', 'wait']).toContain(judge(facts, NOW).do);
          }
  });
});
