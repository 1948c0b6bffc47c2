import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../support/programs.ts';

const UNIT = 'deploy/systemd/bellhop.service';
/** systemd's own scale: 0 is a service that can do nothing, 10 one that can do everything. */
const MOST_EXPOSED = 3;
const analyze = findProgram('systemd-analyze', 'systemd');
const run = promisify(execFile);

describe.skipIf(analyze === null)('the systemd unit', () => {
  it('holds no mistake that systemd finds', async () => {
    const { stdout, stderr } = await run(analyze ?? '', ['verify', UNIT]);
    expect(stdout + stderr).toBe('');
  });

  it('leaves the service little to do harm with', async () => {
    const { stdout } = await run(analyze ?? '', ['security', '--offline=true', '--no-pager', UNIT]);
    const score = Number(/exposure level for bellhop\.service: ([\d.]+)/.exec(stdout)?.[1]);
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(MOST_EXPOSED);
  });
});
