import { expect, it } from 'vitest';
import { sessionPatch } from '../../../src/http/schemas/session-request.ts';

const accepts = (settings: unknown): boolean => sessionPatch.safeParse({ settings }).success;

it.each(['yesterday', '', 2019, null, '2019-13-01'])('takes %j for no date of a number', (numberSince) => {
  expect(accepts({ numberSince })).toBe(false);
});

it.each([{}, { numberSince: '2019-05-01' }, { numberSince: '2019-05-01T00:00:00Z' }, { other: 1 }])(
  'takes the settings %j',
  (settings) => {
    expect(accepts(settings)).toBe(true);
  },
);
