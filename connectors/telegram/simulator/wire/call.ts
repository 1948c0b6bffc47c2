/** Sends an answer and returns its message id; `acknowledged` is called when the client has it. */
export type SendAnswer = (answer: Uint8Array, acknowledged: () => void) => bigint;

const KEPT_ANSWER_BYTES = 16 * 1024; // larger ones (parts of files) are let go once the client has them

/** One call of the API in a session's memory, so that a repeated message is not a repeated call. */
export class Call {
  readonly msgId: bigint;
  /** Unknown until it is decoded. */
  method = '?';
  #outcome: 'running' | 'answered' | 'failed' = 'running';
  #answer: Uint8Array | undefined;
  #answerId: bigint | undefined;
  #isDropped = false;
  #waiting: (() => void)[] = [];

  constructor(msgId: bigint) {
    this.msgId = msgId;
  }

  get outcome(): 'running' | 'answered' | 'failed' {
    return this.#outcome;
  }

  /** Message id of the answer, once it was sent. */
  get answerId(): bigint | undefined {
    return this.#answerId;
  }

  /** `answer` is the whole `rpc_result`; `deliver` runs before the calls that waited for this one. Called once. */
  settle(outcome: 'answered' | 'failed', answer: Uint8Array, deliver: () => void): void {
    this.#outcome = outcome;
    this.#answer = answer;
    deliver();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) work();
  }

  /** Sends the answer, if there is one that the client still wants; under a new message id each time. */
  deliver(send: SendAnswer): void {
    const answer = this.#answer;
    if (answer === undefined || this.#isDropped) return;
    this.#answerId = send(answer, () => {
      if (answer.length > KEPT_ANSWER_BYTES) this.#answer = undefined;
    });
  }

  /** The client no longer wants the answer. */
  drop(): void {
    this.#isDropped = true;
  }

  /** Runs `work` when the outcome is known: at once, or later. */
  whenSettled(work: () => void): void {
    if (this.#outcome === 'running') this.#waiting.push(work);
    else work();
  }
}
