import type { BinaryNode } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { isRecord } from '../../src/core/json.ts';
import { decodeStanza, encodeStanza } from './stanza-codec.ts';
import { messageIdentity } from './stanza-parts.ts';

const MISSING = 'missing-message';
const GIVEN_UP = 'unreadable-message';

/** A message that arrived but could not be read. */
export interface MissingMessage {
  readonly identity: string;
  /** As it came, ciphertext included: a request for another copy is made from it. */
  readonly stanza: BinaryNode;
  readonly firstAt: number;
  /** Requests that this record caused; Baileys' own are not counted. */
  readonly tries: number;
  readonly lastTryAt: number | undefined;
  /** Journal entry that holds some of its parts and waits for the rest. */
  readonly partialKey: string | undefined;
}

/**
 * Messages that could not be decrypted. They are acknowledged (the server drops its copy), so only this record knows that
 * something is still owed. Synchronous, part of the caller's vault transaction.
 */
export class MissingMessages {
  readonly #vault: SessionVault;
  readonly #clock: Clock;

  constructor(deps: { vault: SessionVault; clock: Clock }) {
    this.#vault = deps.vault;
    this.#clock = deps.clock;
  }

  /** Called before the failure becomes known to Baileys. A second failure of the same message keeps the first time. */
  record(stanza: BinaryNode, partialKey: string | undefined): void {
    const identity = messageIdentity(stanza);
    const known = this.get(identity);
    this.#save({
      identity,
      stanza,
      firstAt: known?.firstAt ?? this.#clock.now(),
      tries: known?.tries ?? 0,
      lastTryAt: known?.lastTryAt,
      partialKey: partialKey ?? known?.partialKey,
    });
  }

  get(identity: string): MissingMessage | undefined {
    const bytes = this.#vault.secrets.get(MISSING, identity);
    return bytes === undefined ? undefined : read(identity, bytes);
  }

  all(): readonly MissingMessage[] {
    return this.#vault.secrets
      .entries(MISSING)
      .map(([identity, bytes]) => read(identity, bytes))
      .sort((one, other) => one.firstAt - other.firstAt);
  }

  noteTry(missing: MissingMessage): void {
    if (this.get(missing.identity) === undefined) return; // came in while it was being asked for
    this.#save({ ...missing, tries: missing.tries + 1, lastTryAt: this.#clock.now() });
  }

  /** The message is there. Returns what was known of it. */
  resolve(identity: string): MissingMessage | undefined {
    const known = this.get(identity);
    if (known !== undefined) this.#vault.secrets.delete(MISSING, identity);
    return known;
  }

  /** Remembers that people were told the message cannot be read, for the case that it comes after all. */
  markGivenUp(identity: string): void {
    this.#vault.secrets.delete(MISSING, identity);
    this.#vault.secrets.set(GIVEN_UP, identity, Buffer.from(String(this.#clock.now())));
  }

  wasGivenUp(identity: string): boolean {
    return this.#vault.secrets.get(GIVEN_UP, identity) !== undefined;
  }

  /** Forgets what was given up before `epochMs`. */
  prune(epochMs: number): void {
    for (const [identity, at] of this.#vault.secrets.entries(GIVEN_UP)) {
      if (Number(Buffer.from(at).toString()) < epochMs) this.#vault.secrets.delete(GIVEN_UP, identity);
    }
  }

  #save(missing: MissingMessage): void {
    const json: JsonObject = {
      s: encodeStanza(missing.stanza),
      f: missing.firstAt,
      n: missing.tries,
      ...(missing.lastTryAt === undefined ? {} : { l: missing.lastTryAt }),
      ...(missing.partialKey === undefined ? {} : { p: missing.partialKey }),
    };
    this.#vault.secrets.set(MISSING, missing.identity, Buffer.from(JSON.stringify(json)));
  }
}

function read(identity: string, bytes: Uint8Array): MissingMessage {
  const json: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (!isRecord(json)) throw new TypeError('not a record of a missing message');
  const { f, n, l, p } = json;
  return {
    identity,
    stanza: decodeStanza(json['s']),
    firstAt: typeof f === 'number' ? f : 0,
    tries: typeof n === 'number' ? n : 0,
    lastTryAt: typeof l === 'number' ? l : undefined,
    partialKey: typeof p === 'string' ? p : undefined,
  };
}
