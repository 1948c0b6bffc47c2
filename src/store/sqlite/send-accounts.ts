import type Database from 'better-sqlite3';
import type { Session } from '../../engine/model/session.ts';
import { accountKeyOf } from '../../engine/pacing/account-key.ts';
import { isTemporaryBan } from '../../engine/pacing/temporary-ban.ts';

interface Row {
  readonly born_at: number;
  readonly ban: string | null;
  readonly ban_until: number | null;
}

/** Since when Bellhop knows each account, and whether its network has banned it for a while. Outlives the sessions of the account. */
export class SendAccounts {
  readonly #sql;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      get: database.prepare<[string], Row>('SELECT born_at, ban, ban_until FROM send_accounts WHERE account = ?'),
      meet: database.prepare<[string, number]>(
        'INSERT INTO send_accounts (account, born_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
      ),
      ban: database.prepare<[string | null, number | null, string]>(
        'UPDATE send_accounts SET ban = ?, ban_until = ? WHERE account = ?',
      ),
    };
  }

  get(account: string): Row | undefined {
    return this.#sql.get.get(account);
  }

  /** Called with each change of a session. A temporary ban stands until `lift`, also when it is over on the network. */
  note(before: Session, after: Session, at: number): void {
    if (after.account === null) return;
    const account = accountKeyOf(after);
    if (account !== accountKeyOf(before)) this.#sql.meet.run(account, at);
    const { reason } = after;
    if (reason === null || reason.code === before.reason?.code || !isTemporaryBan(reason)) return;
    this.#sql.meet.run(account, at);
    this.#sql.ban.run(reason.code, reason.retryAt === null ? null : Date.parse(reason.retryAt), account);
  }

  lift(account: string): void {
    this.#sql.ban.run(null, null, account);
  }
}
