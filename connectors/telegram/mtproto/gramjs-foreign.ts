import type { Clock } from '../../../src/core/clock.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import { CallQueue } from './call-queue.ts';
import type { CallOptions } from './client.ts';
import { CallLost, OpenFailure, RpcFailure } from './client.ts';
import type { Encoded } from './gramjs-call.ts';
import type { GramjsLine } from './gramjs-line.ts';

export interface ForeignDeps {
  readonly clock: Clock;
  /** A line that is not open yet; with no key it makes one. Rejects with OpenFailure. */
  readonly createLine: (dcId: number, authKey: Uint8Array | undefined) => GramjsLine;
  /** `auth.exportAuthorization` on the account's own line, as the import that it is for. */
  readonly exportTo: (dcId: number) => Promise<Encoded>;
}

interface Centre {
  readonly queue: CallQueue;
  /** Open and with the account's authorization, or on the way there. */
  line?: Promise<GramjsLine>;
  authKey?: Uint8Array;
}

/** The account's connections to data centres that are not its own; files lie there. Kept until the client closes. */
export class GramjsForeign {
  readonly #deps: ForeignDeps;
  readonly #centres = new Map<number, Centre>();
  readonly #lines = new Set<GramjsLine>();
  #isClosed = false;

  constructor(deps: ForeignDeps) {
    this.#deps = deps;
  }

  /** Rejects with RpcFailure or CallLost. */
  call(dcId: number, encoded: Encoded, options: CallOptions): Promise<TlValue> {
    const centre = this.#centre(dcId);
    return centre.queue.run(options, async (turn) => {
      const line = await this.#lineOf(dcId, centre);
      try {
        return await line.call(encoded, turn);
      } catch (error) {
        // The authorization was imported once and is gone: the next call imports it again.
        if (error instanceof RpcFailure && error.code === 401) this.#letGo(centre, line);
        throw error;
      }
    });
  }

  /** Ends every call; resolves when nothing is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { queue } of this.#centres.values()) queue.end();
    await Promise.all([...this.#lines].map((line) => line.close()));
  }

  #centre(dcId: number): Centre {
    const known = this.#centres.get(dcId);
    if (known !== undefined) return known;
    const centre: Centre = { queue: new CallQueue({ clock: this.#deps.clock }) };
    if (this.#isClosed) centre.queue.end();
    this.#centres.set(dcId, centre);
    return centre;
  }

  async #lineOf(dcId: number, centre: Centre): Promise<GramjsLine> {
    centre.line ??= this.#open(dcId, centre);
    try {
      return await centre.line;
    } catch (error) {
      delete centre.line;
      throw asCallError(error);
    }
  }

  async #open(dcId: number, centre: Centre): Promise<GramjsLine> {
    const line = this.#deps.createLine(dcId, centre.authKey);
    this.#lines.add(line);
    try {
      await line.open();
      centre.authKey = line.authKey;
      await line.call(await this.#deps.exportTo(dcId));
    } catch (error) {
      // A key that the server has forgotten helps nobody.
      if (error instanceof OpenFailure && error.end.type === 'transport') delete centre.authKey;
      this.#letGo(centre, line);
      throw error;
    }
    void line.ended.then(() => this.#letGo(centre, line));
    return line;
  }

  #letGo(centre: Centre, line: GramjsLine): void {
    delete centre.line;
    this.#lines.delete(line);
    void line.close();
  }
}

function asCallError(error: unknown): unknown {
  if (!(error instanceof OpenFailure)) return error;
  return error.end.type === 'refused' ? error.end.failure : new CallLost({ isWritten: false, reason: 'ended' });
}

/** `auth.importAuthorization` of what `auth.exportAuthorization` answered. */
export function importCall(exported: TlValue): TlObject {
  const isExported = isObject(exported) && exported._ === 'auth.exportedAuthorization';
  if (!isExported) throw new CallLost({ isWritten: true, reason: 'unreadable' });
  const { id, bytes } = exported;
  return { _: 'auth.importAuthorization', id, bytes };
}
