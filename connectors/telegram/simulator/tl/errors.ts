/** Bytes that are not what the schema says: a mistake of whoever wrote them. */
export class TlDecodeError extends Error {
  /** Set where the constructor or method is not in the layer. */
  readonly unknownId: number | undefined;

  constructor(message: string, unknownId?: number) {
    super(message);
    this.name = 'TlDecodeError';
    this.unknownId = unknownId;
  }
}

/** A value that the layer cannot carry: a mistake of our own side. The message names constructor and field, never a value. */
export class TlEncodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TlEncodeError';
  }
}
