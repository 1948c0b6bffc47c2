import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const NANOS_PER_MICRO = 1_000;
const KIB = 1_024;

/** CPU time that all threads of a process have used, microseconds; from the scheduler's own account (Linux). */
export function cpuMicrosOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + nanosOf(`/proc/${pid}/task/${thread}/schedstat`), 0) / NANOS_PER_MICRO;
}

/** Resident memory of a process, bytes. */
export function rssBytesOf(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib ?? 0) * KIB;
}

export function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Binds a process and all of its threads to one core. False where `taskset` is missing: then nothing is bound. */
export function bindToCore(pid: number, core: number): boolean {
  try {
    execFileSync('taskset', ['-a', '-cp', String(core), String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function nanosOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]);
  } catch {
    return 0; // a thread that has just ended
  }
}
