import type { TlObject, TlValue } from './tl.ts';
import { isObject, listAt, longAt, numberAt, objectAt } from './tl-fields.ts';

const MS_PER_SECOND = 1000;

/** What the network made of the parts of a call. */
export interface SentPart {
  readonly randomId: bigint;
  /** 0 = it was sent, and nobody can say as what. */
  readonly messageId: number;
  /** The network's time; epoch ms. */
  readonly at: number | undefined;
}

/**
 * The message ids in the answer to a sending call, for the random ids that went out with it. Pure. A part that the answer does not name
 * is missing in the result.
 */
export function readSentParts(answer: TlValue, randomIds: readonly bigint[]): readonly SentPart[] {
  if (!isObject(answer)) return [];
  const [only] = randomIds;
  if (answer._ === 'updateShortSentMessage') {
    const messageId = numberAt(answer, 'id');
    if (only === undefined || messageId === undefined) return [];
    return [{ randomId: only, messageId, at: timeOf(answer) }];
  }
  const updates = listAt(answer, 'updates');
  const messages = updates.map((update) => objectAt(update, 'message')).filter((message) => message !== undefined);
  const dates = new Map(messages.map((message) => [numberAt(message, 'id'), timeOf(message)]));
  const named = updates
    .filter((update) => update._ === 'updateMessageID')
    .map((update): SentPart | undefined => {
      const randomId = longAt(update, 'randomId');
      const messageId = numberAt(update, 'id');
      if (randomId === undefined || messageId === undefined || !randomIds.includes(randomId)) return undefined;
      return { randomId, messageId, at: dates.get(messageId) ?? timeOf(answer) };
    });
  return named.filter((part) => part !== undefined);
}

/** A message of the account that was found later, as the part that it is. */
export function sentPartOf(message: TlObject, randomId: bigint): SentPart {
  return { randomId, messageId: numberAt(message, 'id') ?? 0, at: timeOf(message) };
}

function timeOf(object: TlObject): number | undefined {
  const seconds = numberAt(object, 'date');
  return seconds === undefined || seconds === 0 ? undefined : seconds * MS_PER_SECOND;
}
