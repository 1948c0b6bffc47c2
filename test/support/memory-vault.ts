import type { SessionVault, SpoolEntry, VaultCursor, VaultSecrets, VaultSpool } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';

interface Contents {
  secrets: Map<string, Map<string, Uint8Array>>;
  cursors: Map<string, string>;
  spool: Map<string, SpoolEntry>;
}

/** A vault without a file: the same rules as the real one (roll back, copies in and out, order of the spool). */
export class MemoryVault implements SessionVault {
  readonly #clock: Clock;
  #contents: Contents = { secrets: new Map(), cursors: new Map(), spool: new Map() };
  #depth = 0;
  /** Number of outermost transactions that were committed; single writes count as one. */
  commits = 0;
  /** Called before an outermost transaction commits; throwing makes it roll back, as a full disk does. */
  beforeCommit: (() => void) | undefined;

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  readonly secrets: VaultSecrets = {
    get: (namespace, name) => copy(this.#contents.secrets.get(namespace)?.get(name)),
    set: (namespace, name, value) =>
      this.transaction(() => {
        const space = this.#contents.secrets.get(namespace) ?? new Map<string, Uint8Array>();
        this.#contents.secrets.set(namespace, space.set(name, Uint8Array.from(value)));
      }),
    delete: (namespace, name) => this.transaction(() => void this.#contents.secrets.get(namespace)?.delete(name)),
    entries: (namespace) =>
      [...(this.#contents.secrets.get(namespace) ?? [])].map(([name, value]) => [name, Uint8Array.from(value)]),
    clear: () =>
      this.transaction(() => {
        this.#contents = { secrets: new Map(), cursors: new Map(), spool: new Map() };
      }),
  };

  readonly cursor: VaultCursor = {
    get: (name) => this.#contents.cursors.get(name),
    set: (name, value) => this.transaction(() => void this.#contents.cursors.set(name, value)),
  };

  readonly spool: VaultSpool = {
    put: (key, body) =>
      this.transaction(() => {
        const known = this.#contents.spool.get(key);
        if (known !== undefined && known.settledAt === undefined) {
          this.#contents.spool.set(key, { ...known, body: Uint8Array.from(body) });
          return;
        }
        this.#contents.spool.delete(key);
        this.#contents.spool.set(key, { key, body: Uint8Array.from(body), putAt: this.#clock.now() });
      }),
    get: (key) => copyEntry(this.#contents.spool.get(key)),
    pending: (limit) =>
      [...this.#contents.spool.values()]
        .filter((entry) => entry.settledAt === undefined)
        .slice(0, Math.max(0, Math.floor(limit)))
        .map((entry) => ({ ...entry, body: Uint8Array.from(entry.body) })),
    settle: (key, body) =>
      this.transaction(() => {
        const known = this.#contents.spool.get(key);
        if (known === undefined || known.settledAt !== undefined) return;
        const last = body === undefined ? {} : { body: Uint8Array.from(body) };
        this.#contents.spool.set(key, { ...known, ...last, settledAt: this.#clock.now() });
      }),
    delete: (key) => this.transaction(() => void this.#contents.spool.delete(key)),
    prune: (epochMs) =>
      this.transaction(() => {
        const old = [...this.#contents.spool.values()].filter(({ settledAt }) => (settledAt ?? epochMs) < epochMs);
        for (const { key } of old) this.#contents.spool.delete(key);
        return old.length;
      }),
    depth: () => this.spool.pending(Number.MAX_SAFE_INTEGER).length,
  };

  /** Everything in it, settled entries included, as one text to search in. */
  dump(): string {
    const secrets = [...this.#contents.secrets].flatMap(([space, names]) =>
      [...names].map(([name, value]) => `${space}/${name} ${Buffer.from(value).toString()}`),
    );
    const spool = [...this.#contents.spool.values()].map(({ key, body }) => `${key} ${Buffer.from(body).toString()}`);
    return [...secrets, ...spool].join('\n');
  }

  transaction<T>(work: () => T): T {
    const before = this.#depth === 0 ? snapshot(this.#contents) : undefined;
    this.#depth += 1;
    try {
      const result = work();
      if (this.#depth === 1) {
        this.beforeCommit?.();
        this.commits += 1;
      }
      return result;
    } catch (error) {
      if (before !== undefined) this.#contents = before;
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }
}

function snapshot(contents: Contents): Contents {
  return {
    secrets: new Map([...contents.secrets].map(([name, space]) => [name, new Map(space)])),
    cursors: new Map(contents.cursors),
    spool: new Map(contents.spool),
  };
}

function copy(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : Uint8Array.from(bytes);
}

function copyEntry(entry: SpoolEntry | undefined): SpoolEntry | undefined {
  return entry === undefined ? undefined : { ...entry, body: Uint8Array.from(entry.body) };
}
