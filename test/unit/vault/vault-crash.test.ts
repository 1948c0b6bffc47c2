import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { openVault } from '../../../src/store/vault/index.ts';
import { compiled } from '../../support/compiled.ts';

const script = fileURLToPath(compiled(new URL('./writer-child.ts', import.meta.url)));
const masterKey = new Uint8Array(32).fill(7);
const KILLS = 6;

let dir: string;
let child: ChildProcessByStdio<null, Readable, null> | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellhop-vault-'));
});
afterEach(async () => {
  await kill();
  rmSync(dir, { recursive: true, force: true });
});

function start(mode: string): ChildProcessByStdio<null, Readable, null> {
  child = spawn(process.execPath, [script, dir, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  return child;
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a vault whose process is killed', () => {
  it('keeps every finished transaction and no half of another', async () => {
    const random = seededRandom(20_26);
    let reached = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const stopAfter = reached + 1 + Math.floor(random.next() * 60);
      const process = start('steps');
      const ended = once(process, 'exit');
      for await (const line of createInterface({ input: process.stdout })) {
        reached = Number(line);
        if (reached === stopAfter) process.kill('SIGKILL'); // and read on: steps that were said to be done count
      }
      await ended;
      const vault = openVault({ dir, sessionId: 'front-desk', masterKey, clock: systemClock });
      const step = Number(vault.cursor.get('step'));
      expect(step).toBeGreaterThanOrEqual(reached);
      expect(step).toBeLessThanOrEqual(reached + 1);
      expect(Buffer.from(vault.secrets.get('state', 'step') ?? []).toString()).toBe(String(step));
      expect(vault.spool.pending(10).map((entry) => entry.key)).toEqual([`m${step}`]);
      for (let old = 1; old < step; old += 1) expect(vault.spool.get(`m${old}`)?.settledAt).toBeDefined();
      vault.close();
      reached = step;
    }
    expect(reached).toBeGreaterThan(KILLS);
  });

  it('is refused to a second process while the first lives, and free once it is dead', async () => {
    const holder = start('hold');
    await once(holder.stdout, 'data');
    const open = () => openVault({ dir, sessionId: 'front-desk', masterKey, clock: systemClock });
    expect(open).toThrow(expect.objectContaining({ code: 'store_locked' }));
    await kill();
    open().close();
  });
});
