import { describe, expect, it } from 'vitest';
import { chapters } from '../corpus/corpus.ts';
import { retries, stops } from '../corpus/fault.ts';
import type { Verdict } from '../corpus/judge.ts';
import { judge } from '../corpus/judge.ts';
import type { Observation } from '../corpus/observe.ts';

/** Some of each network and of each response; `npx tsx bench/fault-corpus.ts` runs all. */
const SAMPLE: ReadonlySet<string> = new Set([
  'wa-failure-401',
  'wa-failure-403',
  'wa-failure-503',
  'wa-failure-777',
  'wa-temporary-ban-104',
  'wa-newest-version-refused',
  'wa-replaced-by-one-who-stays',
  'wa-upgrade-403',
  'wa-nobody-listens',
  'wa-tls-of-somebody-else',
  'wa-silent-both',
  'wa-unlinked-by-the-phone',
  'mt-connect-flood-wait-600',
  'mt-connect-connection-api-id-invalid',
  'mt-layer-refused',
  'gj-live-session-revoked',
  'gj-transport-404-connecting',
  'gj-cut',
  'bot-401',
  'bot-409-other-poller',
  'bot-html-502',
  'xmpp-sasl-not-authorized',
  'xmpp-sasl-temporary-auth-failure',
  'xmpp-conflict-with-one-who-stays',
  'xmpp-stream-see-other-host-',
  'process-sigkill',
  'process-vault-key-wrong',
]);
/** Fewer than the command looks at. */
const ENDS = 2;
const LIMIT_MS = 90_000; // some seconds on a machine with nothing else to do

describe('a sample of the labelled faults', () => {
  it.each(chapters.map((chapter) => [chapter.network, chapter] as const))(
    'of %s is taken for what it is, and answered as it should be',
    async (_network, chapter) => {
      const verdicts: Verdict[] = [];
      await chapter.run(
        (id) => SAMPLE.has(id),
        (verdict) => verdicts.push(verdict),
        ENDS,
      );
      expect(verdicts.map(({ id }) => id)).toEqual(chapter.ids.filter((id) => SAMPLE.has(id)));
      expect(verdicts.filter(({ wrong }) => wrong.length > 0).map(({ id, wrong }) => [id, ...wrong])).toEqual([]);
    },
    LIMIT_MS,
  );

  it('names faults that there are', () => {
    const ids = chapters.flatMap((chapter) => chapter.ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...SAMPLE].filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(200);
  });
});

describe('the verdict on a fault', () => {
  const passing = retries('network');
  const final = stops(['banned'], 'open_app');
  const back: Observation = {
    kinds: ['network', 'network'],
    codes: [],
    state: 'backing_off',
    action: 'none',
    actions: ['none'],
    falls: 2,
    firstWaitMs: 900,
    versions: [],
    knocks: 2,
    elapsedMs: 5_000,
    backAfterMs: 2_000,
    knocksWhileStopped: 0,
    stateAfter: 'connected',
    crashes: [],
  };
  const stopped: Observation = {
    ...back,
    kinds: ['banned'],
    state: 'banned',
    action: 'open_app',
    actions: ['open_app'],
    falls: 1,
    firstWaitMs: null,
    backAfterMs: null,
    stateAfter: 'banned',
  };

  it.each([
    ['right', passing, back],
    ['right', final, stopped],
    ['wrong', passing, { ...back, kinds: ['unknown'] }],
    ['wrong', passing, { ...back, actions: ['none', 'upgrade'] }],
    ['wrong', passing, { ...back, knocks: 100 }],
    ['wrong', passing, { ...back, crashes: ['boom'] }],
    ['wrong', passing, { ...back, backAfterMs: 3_600_000 }],
    ['wrong', passing, { ...back, falls: 0 }],
    ['right', passing, { ...back, versions: ['2', '1'] }],
    ['wrong', { ...passing, keepsVersion: true }, { ...back, versions: ['2', '1'] }],
    ['wrong', { ...passing, responses: ['waits, then retries'], waitMs: 60_000 }, back],
    ['dangerous', passing, { ...back, backAfterMs: null }],
    ['dangerous', passing, { ...stopped, kinds: ['network'] }],
    ['dangerous', final, { ...back, kinds: ['banned'], actions: ['open_app'] }],
    ['dangerous', final, { ...stopped, knocksWhileStopped: 1 }],
  ] as const)('is %s: %#', (expected, label, seen) => {
    const { wrong, isDangerous } = judge({ id: 'one', label }, seen);
    expect(isDangerous ? 'dangerous' : wrong.length > 0 ? 'wrong' : 'right').toBe(expected);
  });
});
