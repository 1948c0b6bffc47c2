import type Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import type { IdempotencyClaim, IdempotencyState } from '../../engine/ports/index.ts';

interface Row {
  readonly fingerprint: string;
  readonly run: string;
  readonly status: number | null;
  readonly body: string | null;
}

/** Keys of requests that may come twice, with their answers. */
export class IdempotencyTable {
  readonly #run: string;
  readonly #sql;

  /** `run` names this run of the daemon: a claim of another run is one that died. */
  constructor(deps: { database: Database.Database; run: string }) {
    const { database } = deps;
    this.#run = deps.run;
    this.#sql = {
      get: database.prepare<[string, string], Row>(
        'SELECT fingerprint, run, status, body FROM idempotency_keys WHERE scope = ? AND key = ?',
      ),
      put: database.prepare<[string, string, string, string, number | null, string | null, number]>(
        `INSERT INTO idempotency_keys (scope, key, fingerprint, run, status, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, run = excluded.run,
           status = excluded.status, body = excluded.body, at = excluded.at`,
      ),
      complete: database.prepare<[number, string, string, string]>(
        'UPDATE idempotency_keys SET status = ?, body = ? WHERE scope = ? AND key = ?',
      ),
      release: database.prepare<[string, string, string]>(
        'DELETE FROM idempotency_keys WHERE scope = ? AND key = ? AND fingerprint = ? AND status IS NULL',
      ),
      // Rows are made in the order of time, so the old ones come first in the order of n.
      prune: database.prepare<[number, number]>(
        `DELETE FROM idempotency_keys WHERE n IN
           (SELECT n FROM (SELECT n, at FROM idempotency_keys ORDER BY n LIMIT ?) WHERE at < ?)`,
      ),
    };
  }

  /** Rejects with `idempotency_key_reused` when the key belongs to another request. `null`: nobody has it. */
  look(claim: IdempotencyClaim): Exclude<IdempotencyState, { state: 'claimed' }> | null {
    const row = this.#sql.get.get(claim.scope, claim.key);
    if (row === undefined) return null;
    const abandoned = row.status === null && row.run !== this.#run;
    if (abandoned) return null;
    if (row.fingerprint !== claim.fingerprint) throw new BellhopError('idempotency_key_reused');
    if (row.status === null || row.body === null) return { state: 'in_progress' };
    return { state: 'replay', status: row.status, body: row.body };
  }

  claim(claim: IdempotencyClaim, at: number): void {
    this.#sql.put.run(claim.scope, claim.key, claim.fingerprint, this.#run, null, null, at);
  }

  /** Claim and answer in one. */
  store(claim: IdempotencyClaim, answer: { status: number; body: string }, at: number): void {
    this.#sql.put.run(claim.scope, claim.key, claim.fingerprint, this.#run, answer.status, answer.body, at);
  }

  complete(claim: IdempotencyClaim, answer: { status: number; body: string }): void {
    this.#sql.complete.run(answer.status, answer.body, claim.scope, claim.key);
  }

  release(claim: IdempotencyClaim): void {
    this.#sql.release.run(claim.scope, claim.key, claim.fingerprint);
  }

  /** Of the oldest `limit` keys those from before `before`; returns how many. */
  prune(before: number, limit: number): number {
    return this.#sql.prune.run(limit, before).changes;
  }
}
