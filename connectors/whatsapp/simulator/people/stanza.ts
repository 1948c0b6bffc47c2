import type { BinaryNode } from '@whiskeysockets/baileys';

/** Children of a stanza by tag; none for a stanza with text or bytes inside. */
export function childrenOf(node: BinaryNode, tag?: string): readonly BinaryNode[] {
  if (!Array.isArray(node.content)) return [];
  return tag === undefined ? node.content : node.content.filter((child) => child.tag === tag);
}

export function childOf(node: BinaryNode, tag: string): BinaryNode | undefined {
  return childrenOf(node, tag)[0];
}

/** Content as bytes; short strings come off the wire as either. */
export function bytesOf(node: BinaryNode | undefined): Uint8Array | undefined {
  const content = node?.content;
  if (typeof content === 'string') return new Uint8Array(Buffer.from(content, 'binary'));
  return content instanceof Uint8Array ? content : undefined;
}

/** Every message id that a receipt names: its own and those in its list. */
export function receiptIds(receipt: BinaryNode): readonly string[] {
  const listed = childrenOf(receipt, 'list').flatMap((list) => childrenOf(list, 'item'));
  return [receipt.attrs['id'], ...listed.map((item) => item.attrs['id'])].filter((id) => id !== undefined);
}

/** A receipt's body for ids beyond the first. */
export function listItems(ids: readonly string[]): Pick<BinaryNode, 'content'> {
  if (ids.length === 0) return {};
  return {
    content: [{ tag: 'list', attrs: {}, content: ids.map((id) => ({ tag: 'item', attrs: { id } })) }],
  };
}
