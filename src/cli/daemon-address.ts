import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** How commands on the same machine reach the running daemon: its URL and a key that lives as long as it runs. */
const daemonAddress = z.object({ url: z.url(), key: z.string().min(1), pid: z.int() });
export type DaemonAddress = z.infer<typeof daemonAddress>;

const FILE = 'daemon.json';
const OWNER_ONLY = 0o600;

/** Beside the store, since whoever may read the store may do everything anyway. */
export function addressFile(storeUrl: string, workingDir: string): string {
  return join(resolve(workingDir, dirname(storeUrl.replace(/^sqlite:/, ''))), FILE);
}

export function writeAddress(file: string, address: DaemonAddress): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(address)}\n`, { mode: OWNER_ONLY });
  chmodSync(file, OWNER_ONLY); // an older file keeps its mode otherwise
}

export function readAddress(file: string): DaemonAddress | null {
  try {
    const parsed = daemonAddress.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function removeAddress(file: string): void {
  rmSync(file, { force: true });
}
