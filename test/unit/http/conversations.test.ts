import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpFixture, makeHttpFixture, type Seed } from '../../support/http-fixture.ts';

let http: HttpFixture;
let seed: Seed;
beforeEach(async () => {
  http = await makeHttpFixture();
  for (let index = 0; index < 5; index += 1) seed = await http.seed({ networkId: `N${index}` });
});
afterEach(() => http.close());

const seqsOf = (data: readonly Record<string, unknown>[]): unknown[] => data.map((event) => event['seq']);

describe('the events of a conversation', () => {
  const events = (query: string) => http.ask('GET', `/v1/conversations/${seed.conversation.id}/events${query}`);

  it('come in order and without gaps, and say where to go on', async () => {
    const { lastSeq } = seed.conversation;
    const all = Array.from({ length: lastSeq }, (_, index) => index + 1);
    const first = await events('?limit=2');
    expect([seqsOf(first.json.data), first.json['nextSeq']]).toEqual([[1, 2], 3]);
    const range = await events('?fromSeq=2&toSeq=3');
    expect([seqsOf(range.json.data), range.json['nextSeq']]).toEqual([[2, 3], null]);
    const cut = await events('?fromSeq=2&toSeq=4&limit=2');
    expect([seqsOf(cut.json.data), cut.json['nextSeq']]).toEqual([[2, 3], 4]);
    const whole = await events('');
    expect([seqsOf(whole.json.data), whole.json['nextSeq']]).toEqual([all, null]);
    const beyond = await events(`?fromSeq=${lastSeq + 1}`);
    expect([seqsOf(beyond.json.data), beyond.json['nextSeq']]).toEqual([[], null]);
  });

  it('are not found for a conversation that does not exist', async () => {
    const answer = await http.ask('GET', '/v1/conversations/cnv_00000000000000000000000000/events');
    expect([answer.status, answer.json.code]).toEqual([404, 'not_found']);
  });
});

describe('lists', () => {
  it('are paged by cursor to the end, each thing once', async () => {
    for (let index = 0; index < 5; index += 1) {
      await http.seed({ networkId: `M${index}`, number: `+1555000${1_000 + index}` });
    }
    for (const list of ['conversations', 'guests']) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Awaited<ReturnType<typeof http.ask>> = await http.ask(
          'GET',
          `/v1/${list}?limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        expect(page.json.data.length).toBeLessThanOrEqual(2);
        seen.push(...page.json.data.map((one) => one.id));
        cursor = page.json['nextCursor'] as string | null;
      }
      expect([list, seen.length, new Set(seen).size]).toEqual([list, 6, 6]);
    }
  });

  it('are filtered by what the query names', async () => {
    await http.seed({ networkId: 'X', number: '+15550001111', session: 'spa' });
    const bySession = await http.ask('GET', '/v1/conversations?session=spa');
    expect(bySession.json.data.map((one) => one['session'])).toEqual(['spa']);
    await http.ask('POST', `/v1/conversations/${seed.conversation.id}/read`);
    const unread = await http.ask('GET', '/v1/conversations?unread=true');
    expect(unread.json.data.map((one) => one['session'])).toEqual(['spa']);
    expect((await http.ask('GET', '/v1/conversations?channel=telegram')).json.data).toEqual([]);
  });
});

describe('marking read', () => {
  it('goes to the place named, or to the end', async () => {
    const path = `/v1/conversations/${seed.conversation.id}/read`;
    await http.ask('POST', path, { body: { seq: 2 } });
    await http.ask('POST', path);
    const inputs = http.engine.calls.map((call) => call.input);
    expect(inputs).toEqual([
      { id: seed.conversation.id, seq: 2 },
      { id: seed.conversation.id, seq: null },
    ]);
  });
});
