import type { SessionConnectionParams } from '@mtcute/node';
import { IntermediatePacketCodec, TcpTransport } from '@mtcute/node';
import type { Clock } from '../../../src/core/clock.ts';

type LibraryTransport = SessionConnectionParams['transport'];
type LibraryConnection = Awaited<ReturnType<TcpTransport['connect']>>;

/** TCP for one connection, after which there is none: the library would open the next socket by itself. */
export class MtcuteSocket implements LibraryTransport {
  /** Resolves when there is no socket any more, after `close`. */
  readonly gone: Promise<void>;
  #tellGone: () => void = () => undefined;
  #state: 'unused' | 'opening' | 'open' | 'failed' = 'unused';
  #connection: LibraryConnection | undefined;
  #isClosed = false;
  #bytesRead = 0;
  #heardAt: number | undefined;
  readonly #clock: Clock;

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock;
    this.gone = new Promise((resolve) => {
      this.#tellGone = resolve;
    });
  }

  /** All bytes that ever came. The library tells of whole packets only, and a file is a large one. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** When the last of them came; monotonic. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** Whether somebody took the connection. */
  get isReached(): boolean {
    return this.#state === 'open';
  }

  async connect(at: Parameters<TcpTransport['connect']>[0]): Promise<LibraryConnection> {
    if (this.#isClosed || this.#state !== 'unused') throw new Error('one connection was asked for');
    this.#state = 'opening';
    try {
      this.#connection = await new TcpTransport().connect(at);
      this.#listen(this.#connection);
      this.#state = 'open';
      return this.#connection;
    } catch (error) {
      this.#state = 'failed';
      throw error;
    } finally {
      this.#closeIfLate();
    }
  }

  packetCodec(): IntermediatePacketCodec {
    return new IntermediatePacketCodec();
  }

  #listen(connection: LibraryConnection): void {
    const read = connection.read.bind(connection);
    connection.read = async (into) => {
      const count = await read(into);
      this.#bytesRead += count;
      this.#heardAt = this.#clock.monotonic();
      return count;
    };
  }

  /** Closed while it was being opened. */
  #closeIfLate(): void {
    if (this.#isClosed) this.close();
  }

  /** At once, or as soon as the socket is open. */
  close(): void {
    this.#isClosed = true;
    if (this.#state === 'opening') return;
    this.#connection?.close();
    setImmediate(this.#tellGone); // the system lets go of it a turn later
  }
}
