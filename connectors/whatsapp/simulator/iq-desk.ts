import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Connection } from './connection.ts';
import type { CompanionDevice } from './directory.ts';
import { lidJidOf } from './directory.ts';
import type { IqAnswer, IqHandler } from './iq/answer.ts';
import type { ServerQuestions } from './server-questions.ts';
import type { Traffic } from './traffic.ts';
import type { ViolationLog } from './violations.ts';
import { childrenOf, node, SERVER_JID } from './wire/stanza.ts';

/** Answers every query of a logged-in client: by its namespace, or with an error, but never with silence. */
export class IqDesk {
  readonly #handlers: Readonly<Record<string, IqHandler>>;
  readonly #violations: ViolationLog;
  readonly #traffic: Traffic;
  readonly #questions: ServerQuestions;

  constructor(deps: {
    handlers: Readonly<Record<string, IqHandler>>;
    violations: ViolationLog;
    traffic: Traffic;
    questions: ServerQuestions;
  }) {
    this.#handlers = deps.handlers;
    this.#violations = deps.violations;
    this.#traffic = deps.traffic;
    this.#questions = deps.questions;
  }

  receive(device: CompanionDevice, connection: Connection, stanza: BinaryNode): void {
    const { id, type, xmlns, to } = stanza.attrs;
    if (type !== 'get' && type !== 'set') {
      if (id !== undefined) this.#questions.answered(device, id);
      return;
    }
    const account = lidJidOf(device);
    if (id === undefined) {
      this.#violations.record('malformed', account, 'iq without id');
      return;
    }
    this.#traffic.note({ kind: 'iq', account, id, type: xmlns ?? '' });
    const question = childrenOf(stanza)[0];
    const answer = this.#handlers[xmlns ?? '']?.({ device, stanza, type, question }) ?? { kind: 'unknown' };
    if (answer.kind === 'unknown') {
      this.#violations.record('unknown_iq', account, `${type} ${xmlns ?? '-'} ${question?.tag ?? '-'}`);
    }
    connection.send(write(answer, id, to ?? SERVER_JID));
    if (answer.kind === 'result') answer.after?.();
  }
}

function write(answer: IqAnswer, id: string, from: string): BinaryNode {
  switch (answer.kind) {
    case 'result':
      return node('iq', { type: 'result', id, from }, answer.content);
    case 'error':
      return refuse(id, from, answer.code, answer.text);
    case 'unknown':
    default:
      return refuse(id, from, 501, 'feature-not-implemented');
  }
}

function refuse(id: string, from: string, code: number, text: string): BinaryNode {
  return node('iq', { type: 'error', id, from }, [node('error', { code: String(code), text })]);
}
