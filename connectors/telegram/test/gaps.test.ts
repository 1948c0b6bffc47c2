import { describe, expect, it } from 'vitest';
import { runSeed } from './gaps-driver.ts';

const SEEDS = Number(process.env['GAPS_SEEDS'] ?? 10_000);
const FIRST = Number(process.env['GAPS_FIRST'] ?? 1);

/** Every message of a guest, in the order of its row. */
async function faultOf(seed: number): Promise<string | undefined> {
  const { taken, server } = await runSeed(seed);
  const rows: [string, readonly { readonly [field: string]: unknown }[]][] = [
    ['common', server.common.messages.filter((message) => message['out'] !== true)],
    ...[...server.channels].map(([id, row]): [string, typeof row.messages] => [String(id), row.messages]),
  ];
  for (const [box, messages] of rows) {
    const expected = messages.map((message) => Number(message['id'])).join(' ');
    const found = (taken.get(box) ?? []).join(' ');
    if (found !== expected) return `seed ${seed}, ${box}: took [${found}] of [${expected}]`;
  }
  return undefined;
}

describe('updates over a bad line', () => {
  it('take each message of a guest once and in order, whatever is lost, doubled, overtaken, cut or killed', async () => {
    const faults: string[] = [];
    for (let seed = FIRST; seed < FIRST + SEEDS && faults.length < 5; seed += 1) {
      const fault = await faultOf(seed);
      if (fault !== undefined) faults.push(fault);
    }
    expect(faults).toEqual([]);
  }, 120_000);
});
