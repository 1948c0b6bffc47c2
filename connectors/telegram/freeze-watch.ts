import type { Logger } from '../../src/core/logger.ts';
import type { Line } from './line.ts';
import type { TlObject, TlValue } from './tl.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from './tl-fields.ts';

/** A connection does not wait longer for it; ms. */
const ASK_TIMEOUT_MS = 5_000;
/** Since when, by Telegram's own name; 0 or absent while the account is not frozen. */
const FROZEN_SINCE = 'freeze_since_date';
/** What every call that would change something is refused with. */
export const FROZEN = { code: 420, text: 'FROZEN_METHOD_INVALID', method: 'help.getAppConfig' } as const;

/**
 * Ends the line of an account that Telegram has frozen: it may read and write nothing until its owner has appealed. Telegram says so in
 * the configuration of its apps, which they ask for with each connection, and again when told that it has changed.
 */
export class FreezeWatch {
  readonly #line: Pick<Line, 'invoke' | 'end'>;
  readonly #log: Logger;

  constructor(deps: { line: Pick<Line, 'invoke' | 'end'>; log: Logger }) {
    this.#line = deps.line;
    this.#log = deps.log;
  }

  /** Never rejects: without an answer the next refusal tells. */
  async look(): Promise<void> {
    try {
      const answer = await this.#line.invoke({ _: 'help.getAppConfig', hash: 0 }, { timeoutMs: ASK_TIMEOUT_MS });
      if (isFrozen(answer)) this.#line.end({ type: 'refused', failure: FROZEN });
    } catch (error) {
      this.#log.debug('configuration not told', { error: error instanceof Error ? error.name : null });
    }
  }

  /** A push of the server. */
  hear(updates: TlObject): void {
    const each = [objectAt(updates, 'update'), ...listAt(updates, 'updates')];
    if (each.some((update) => update?._ === 'updateConfig')) void this.look();
  }
}

/** Reads `help.appConfig`: JSON in TL. */
function isFrozen(answer: TlValue): boolean {
  const config = isObject(answer) ? objectAt(answer, 'config') : undefined;
  const since = config && listAt(config, 'value').find((entry) => textAt(entry, 'key') === FROZEN_SINCE);
  const value = since && objectAt(since, 'value');
  return value !== undefined && (numberAt(value, 'value') ?? 0) > 0;
}
