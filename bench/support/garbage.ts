import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const COLLECTIONS = 3; // the first frees what the second needs to see
const PAUSE_MS = 50;

/** Collects garbage by force and tells what is left of this process; bytes. */
export async function collectGarbage(): Promise<{ readonly rss: number; readonly heapUsed: number }> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < COLLECTIONS; round += 1) {
    collect();
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}
