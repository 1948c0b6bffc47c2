/** One call of the API in a session's memory, so that a repeated message is not a repeated call. */
export class Call {
  readonly msgId: bigint;
  /** Unknown until it is decoded. */
  method = '?';
  #outcome: 'running' | 'answered' | 'failed' = 'running';
  #answerId: bigint | undefined;
  #answer: Uint8Array | undefined;
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

  /** The whole `rpc_result`, once there is one. */
  get answer(): Uint8Array | undefined {
    return this.#answer;
  }

  settle(outcome: 'answered' | 'failed', answer: Uint8Array): void {
    this.#outcome = outcome;
    this.#answer = answer;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) work();
  }

  /** The client no longer wants the answer. */
  drop(): void {
    this.#isDropped = true;
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  sentAs(answerId: bigint): void {
    this.#answerId = answerId;
  }

  /** Runs `work` when the outcome is known: at once, or later. */
  whenSettled(work: () => void): void {
    if (this.#outcome === 'running') this.#waiting.push(work);
    else work();
  }
}
