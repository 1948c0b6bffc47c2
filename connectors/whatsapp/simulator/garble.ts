import type { BinaryNode } from '@whiskeysockets/baileys';
import { bytesOf } from './wire/stanza.ts';

/** Messages that devices got with altered cipher text. */
export class SpoiltMessages {
  readonly #spoilt = new Set<string>();

  /** The message with one bit of each cipher text altered. */
  garble(deviceJid: string, stanza: BinaryNode): BinaryNode {
    this.#spoilt.add(`${deviceJid} ${stanza.attrs['id'] ?? ''}`);
    const content = Array.isArray(stanza.content) ? stanza.content.map((child) => alter(child)) : [];
    return { ...stanza, content };
  }

  has(deviceJid: string, messageId: string): boolean {
    return this.#spoilt.has(`${deviceJid} ${messageId}`);
  }
}

function alter(child: BinaryNode): BinaryNode {
  const bytes = child.tag === 'enc' ? bytesOf(child) : undefined;
  if (bytes === undefined) return child;
  const altered = Uint8Array.from(bytes);
  const middle = Math.floor(altered.length / 2);
  altered.set([(altered[middle] ?? 0) ^ 1], middle);
  return { ...child, content: altered };
}
