import type { CacheStore } from '@whiskeysockets/baileys';

/** Only messages that somebody could not read are counted; Baileys itself stops after five tries each. */
const MOST_COUNTERS = 1_000;

/**
 * Counts how often a message was asked for again. One a session, so that a reconnect does not begin to count anew; bounded,
 * so that a broken peer cannot fill the memory.
 */
export function createRetryCounters(): CacheStore {
  const counters = new Map<string, unknown>();
  return {
    // The library's own signature promises whatever the caller hopes for.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters
    get: <T>(key: string): T | undefined => counters.get(key) as T | undefined,
    set(key, value) {
      const [oldest] = counters.keys();
      if (counters.size >= MOST_COUNTERS && oldest !== undefined) counters.delete(oldest);
      counters.set(key, value);
    },
    del: (key) => counters.delete(key),
    flushAll: () => counters.clear(),
  };
}
