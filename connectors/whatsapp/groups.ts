import type { BinaryNode, GroupMetadata } from '@whiskeysockets/baileys';
import type { Logger } from '../../src/core/logger.ts';
import { bareJid } from './ids.ts';

/** A hotel account is in some dozens of groups; each entry is a few kilobytes at most. */
const MOST_GROUPS_KEPT = 200;
/** Children of a group notification that change its members or how it is addressed. */
const SUBJECT_TAG = 'subject';

/**
 * What is known of groups. Without it the library would ask the server before each message to a group, which is what the
 * server limits first. In memory: after a restart each group is asked about once, when it is next needed.
 */
export class GroupDirectory {
  readonly #known = new Map<string, GroupMetadata>();
  readonly #titles = new Map<string, string>();
  readonly #asked = new Set<string>();
  readonly #log: Logger;

  constructor(deps: { log: Logger }) {
    this.#log = deps.log;
  }

  titleOf(jid: string): string | undefined {
    return this.#titles.get(jid);
  }

  /** Whether members go by their phone numbers, as in groups made long ago; undefined where it is not known. */
  usesPhoneNumbers(jid: string): boolean | undefined {
    const mode: string | undefined = this.#known.get(jid)?.addressingMode;
    return mode === undefined ? undefined : mode === 'pn';
  }

  /** The metadata for a send: from memory, else from the network by `ask`. Undefined lets the library ask by itself. */
  async metadataOf(jid: string, ask: (jid: string) => Promise<GroupMetadata>): Promise<GroupMetadata | undefined> {
    const known = this.#known.get(jid);
    if (known !== undefined) return known;
    try {
      const fresh = await ask(jid);
      this.#keep(jid, fresh);
      return fresh;
    } catch (error) {
      this.#log.debug('could not ask about a group', { error: error instanceof Error ? error : undefined });
      return undefined;
    }
  }

  /** Asks for the title of a group that was met for the first time in this life; resolves with it where it is news. */
  async learnTitle(jid: string, ask: (jid: string) => Promise<GroupMetadata>): Promise<string | undefined> {
    if (this.#titles.has(jid) || this.#asked.has(jid)) return undefined;
    bound(this.#asked, MOST_GROUPS_KEPT);
    this.#asked.add(jid);
    const metadata = await this.metadataOf(jid, ask);
    return metadata?.subject;
  }

  /** Reads a `w:gp2` notification: whatever changed, the members are asked for again. Returns a new title. */
  onNotification(stanza: BinaryNode): { readonly jid: string; readonly title?: string } | undefined {
    const jid = stanza.attrs['type'] === 'w:gp2' ? bareJid(stanza.attrs['from']) : undefined;
    if (jid === undefined) return undefined;
    this.#known.delete(jid);
    const children = Array.isArray(stanza.content) ? stanza.content : [];
    const title = children.find((child) => child.tag === SUBJECT_TAG)?.attrs['subject'];
    if (title === undefined) return { jid };
    this.#keepTitle(jid, title);
    return { jid, title };
  }

  #keep(jid: string, metadata: GroupMetadata): void {
    bound(this.#known, MOST_GROUPS_KEPT);
    this.#known.set(jid, metadata);
    this.#keepTitle(jid, metadata.subject);
  }

  #keepTitle(jid: string, title: string): void {
    bound(this.#titles, MOST_GROUPS_KEPT);
    this.#titles.set(jid, title);
  }
}

/** Makes room for one more by dropping the oldest. */
function bound(entries: { size: number; keys(): Iterable<string>; delete(key: string): boolean }, most: number): void {
  for (const oldest of entries.keys()) {
    if (entries.size < most) return;
    entries.delete(oldest);
  }
}
