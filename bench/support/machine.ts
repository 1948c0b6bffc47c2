import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './statistics.ts';

const SYNC_SAMPLES = 300; // a second at most on a disk that takes 3 ms
const RECORD_BYTES = 200;

/** Microseconds of a clock that all processes of the machine share (CLOCK_MONOTONIC), so that ends can be compared. */
export function sharedMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** Milliseconds for which one small append and its fdatasync take on the disk of the temporary folder: the median. */
export function measureSyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'bellhop-bench-'));
  const file = openSync(join(folder, 'sync'), 'w');
  const bytes = Buffer.alloc(RECORD_BYTES, 'x');
  const samples = Array.from({ length: SYNC_SAMPLES }, () => {
    const begun = sharedMicros();
    writeSync(file, bytes);
    fdatasyncSync(file);
    return (sharedMicros() - begun) / 1_000;
  });
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return median(samples);
}

/** One line for the head of every report: figures of two machines, or of a busy one, are not the same figures. */
export function describeMachine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? 'unknown';
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${cores.length} × ${model}, Node ${process.versions.node}, load ${load}, fdatasync ${measureSyncMs().toFixed(2)} ms`;
}
