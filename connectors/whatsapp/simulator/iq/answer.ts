import type { BinaryNode } from '@whiskeysockets/baileys';
import type { CompanionDevice } from '../directory.ts';

/** A query of a logged-in client. */
export interface IqRequest {
  readonly device: CompanionDevice;
  readonly stanza: BinaryNode;
  readonly type: 'get' | 'set';
  /** The first child, which says what is asked. */
  readonly question: BinaryNode | undefined;
}

export type IqAnswer =
  | {
      readonly kind: 'result';
      readonly content?: BinaryNode[] /** Runs once the answer is on its way. */;
      readonly after?: () => void;
    }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  /** Nothing here knows this query: recorded as a violation and answered with an error, never with silence. */
  | { readonly kind: 'unknown' };

export type IqHandler = (request: IqRequest) => IqAnswer;

export function result(content?: BinaryNode[], after?: () => void): IqAnswer {
  return {
    kind: 'result',
    ...(content === undefined ? {} : { content }),
    ...(after === undefined ? {} : { after }),
  };
}

export function refusal(code: number, text: string): IqAnswer {
  return { kind: 'error', code, text };
}

export const unknownQuery: IqAnswer = { kind: 'unknown' };
