import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import type { TlObject } from './tl.ts';
import { numberAt, textAt } from './tl-fields.ts';

/** No schema has this name: only this connector can have made such an update. */
export const CANARY = 'bellhop.canary';

/** A canary as an update that has just come, so that it takes the way of one. `missed` 0 = nothing was. */
export function canaryUpdates(token: string, missed: number): TlObject {
  return { _: 'updateShort', update: { _: CANARY, token, missed } };
}

/** The way back. Pure. */
export function mapCanary(update: TlObject, now: number): readonly ConnectorEvent[] {
  const token = textAt(update, 'token');
  const missed = numberAt(update, 'missed') ?? 0;
  return token === undefined ? [] : [{ type: 'canary', token, at: now, ...(missed === 0 ? {} : { missed }) }];
}
