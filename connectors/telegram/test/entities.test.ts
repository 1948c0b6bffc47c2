import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextEntity } from '../../../src/connector-api/index.ts';
import { textEntityTypes } from '../../../src/connector-api/index.ts';
import { readEntities, writeEntities } from '../text-entities.ts';
import type { TlObject } from '../tl.ts';

const RUNS = 500;
const inputUser = (id: bigint): TlObject => ({ _: 'inputUser', userId: id, accessHash: 1n });

/** What Telegram makes of formatting that was sent: a mention comes back with the person's number. */
function echo(entities: readonly TlObject[]): readonly TlObject[] {
  return entities.map((entity) => {
    const user = entity['userId'] as TlObject | undefined;
    return entity._ === 'inputMessageEntityMentionName'
      ? { ...entity, _: 'messageEntityMentionName', userId: user?.['userId'] }
      : entity;
  });
}

/** Texts with characters of one and two code units, and a stretch inside. */
const stretch = fc
  .array(fc.constantFrom('a', 'é', '中', '😀', '👩‍👧', ' '), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''))
  .chain((body) =>
    fc
      .tuple(fc.nat(body.length - 1), fc.nat(body.length), fc.constantFrom(...textEntityTypes))
      .map(([offset, more, type]) => ({
        body,
        entity: {
          type,
          offset,
          length: Math.max(1, Math.min(more, body.length - offset)),
          ...extras(type),
        } as TextEntity,
      })),
  );

const EXTRAS: Partial<Record<TextEntity['type'], Partial<TextEntity>>> = {
  link: { url: 'https://hotel.example/menu' },
  mention: { url: 'id:100' },
  pre: { language: 'python' },
};
const extras = (type: TextEntity['type']): Partial<TextEntity> => EXTRAS[type] ?? {};

describe('formatting', () => {
  it('comes back as it was sent, in code units', () => {
    fc.assert(
      fc.property(stretch, ({ body, entity }) => {
        expect(readEntities(body, echo(writeEntities([entity], inputUser)))).toEqual([entity]);
      }),
      { numRuns: RUNS },
    );
  });

  it('never lies outside of its text, whatever the network says', () => {
    const named = fc.constantFrom(
      'messageEntityBold',
      'messageEntityTextUrl',
      'messageEntityUrl',
      'messageEntityOfTomorrow',
    );
    const entity = fc.record({
      _: named,
      offset: fc.integer({ min: -3, max: 9 }),
      length: fc.integer({ min: -3, max: 9 }),
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 6 }), fc.array(entity), (body, entities) => {
        for (const { offset, length } of readEntities(body, entities)) {
          expect(offset >= 0 && length > 0 && offset + length <= body.length).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('makes links of addresses that Telegram has found', () => {
    const entities = [
      { _: 'messageEntityUrl', offset: 0, length: 9 },
      { _: 'messageEntityEmail', offset: 10, length: 6 },
    ];
    expect(readEntities('a.example b@c.de', entities)).toEqual([
      { type: 'link', offset: 0, length: 9 },
      { type: 'link', offset: 10, length: 6, url: 'mailto:b@c.de' },
    ]);
  });

  it('leaves mentions to the text where Telegram finds the person by itself, or nobody can', () => {
    const mention = { type: 'mention', offset: 0, length: 5 } as const;
    expect(writeEntities([mention], inputUser)).toEqual([]);
    expect(writeEntities([{ ...mention, url: '@anna' }], inputUser)).toEqual([]);
    expect(writeEntities([{ ...mention, url: 'id:100' }], () => undefined)).toEqual([]);
  });
});
