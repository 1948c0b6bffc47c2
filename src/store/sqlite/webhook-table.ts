import type Database from 'better-sqlite3';
import type { EventType } from '../../engine/model/event.ts';
import type { Webhook } from '../../engine/model/webhook.ts';
import type { SecretBox } from '../secret-box.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';

/** An endpoint as the store works with it; `webhook.pending` is counted on reading and stored as 0. */
export interface WebhookRow {
  readonly webhook: Webhook;
  readonly secret: string;
}

interface Row {
  readonly secret: Uint8Array;
  readonly object: JsonOf<Webhook>;
}

/** The endpoints, all of them kept in memory: every event asks which of them want it. */
export class WebhookTable {
  readonly #secrets: SecretBox;
  readonly #sql;
  #rows: Map<string, WebhookRow> | null = null;
  readonly #wanted = new Map<string, readonly string[]>();

  constructor(deps: { database: Database.Database; secrets: SecretBox }) {
    const { database } = deps;
    this.#secrets = deps.secrets;
    this.#sql = {
      all: database.prepare<[], Row>('SELECT secret, object FROM webhooks ORDER BY n'),
      byConfigKey: database.prepare<[string], { id: string }>('SELECT id FROM webhooks WHERE config_key = ?'),
      insert: database.prepare<[string, string, string | null, Uint8Array, string]>(
        'INSERT INTO webhooks (id, property, config_key, secret, object) VALUES (?, ?, ?, ?, ?)',
      ),
      update: database.prepare<[string, Uint8Array, string, string]>(
        'UPDATE webhooks SET property = ?, secret = ?, object = ? WHERE id = ?',
      ),
      remove: database.prepare<[string]>('DELETE FROM webhooks WHERE id = ?'),
    };
  }

  /** Drops what is kept in memory; the next question reads the table again. */
  forget(): void {
    this.#rows = null;
    this.#wanted.clear();
  }

  /** In the order in which they were made. */
  all(): ReadonlyMap<string, WebhookRow> {
    if (this.#rows === null) {
      this.#rows = new Map();
      for (const row of this.#sql.all.iterate()) {
        const webhook = decode(row.object);
        this.#rows.set(webhook.id, { webhook, secret: this.#secrets.open(webhook.id, row.secret) });
      }
    }
    return this.#rows;
  }

  get(id: string): WebhookRow | undefined {
    return this.all().get(id);
  }

  idOfConfigKey(configKey: string): string | undefined {
    return this.#sql.byConfigKey.get(configKey)?.id;
  }

  /** Endpoints of the property that want events of this type; for one that is disabled they wait. */
  wanting(property: string, type: EventType): readonly string[] {
    const key = `${property} ${type}`;
    const known = this.#wanted.get(key);
    if (known !== undefined) return known;
    const found: string[] = [];
    for (const { webhook } of this.all().values()) {
      if (webhook.property === property && matchesTypes(webhook.types, type)) found.push(webhook.id);
    }
    this.#wanted.set(key, found);
    return found;
  }

  insert(row: WebhookRow, configKey: string | null): void {
    const { webhook } = row;
    const sealed = this.#secrets.seal(webhook.id, row.secret);
    this.#sql.insert.run(webhook.id, webhook.property, configKey, sealed, encode(webhook).json);
    this.forget();
  }

  save(row: WebhookRow): void {
    const { webhook } = row;
    this.#sql.update.run(
      webhook.property,
      this.#secrets.seal(webhook.id, row.secret),
      encode(webhook).json,
      webhook.id,
    );
    this.forget();
  }

  remove(id: string): void {
    this.#sql.remove.run(id);
    this.forget();
  }
}

/** `types` are names or prefixes that end in `*`; empty means all. */
export function matchesTypes(types: readonly string[], type: string): boolean {
  if (types.length === 0) return true;
  return types.some((wanted) => (wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : wanted === type));
}
