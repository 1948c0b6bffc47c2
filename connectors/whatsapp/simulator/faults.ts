import type { BinaryNode } from '@whiskeysockets/baileys';

/** Placeholder until the levers land in the same file. */
export class Faults {
  /** The stanza as the device shall get it. */
  spoil(_deviceJid: string, stanza: BinaryNode): BinaryNode {
    return stanza;
  }

  /** Why this login is refused, as the last stanza; undefined lets it in. */
  refuseLogin(_deviceJid: string | undefined, _version: readonly [number, number, number]): BinaryNode | undefined {
    return undefined;
  }

  clear(): void {
    // nothing set yet
  }
}
