/** Something the caller of a control interface can put right. */
export class ControlError extends Error {
  /** An HTTP status of the 4xx range. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ControlError';
    this.status = status;
  }
}
