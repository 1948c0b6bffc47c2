import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the tests of a connector show, read off the tests themselves: nobody claims a tier. */
export interface Evidence {
  readonly passesKit: boolean;
  /** Servers that others wrote. */
  readonly peers: readonly string[];
  /** A strict simulator of our own, which breaks on demand. */
  readonly hasBox: boolean;
}

const CONNECTORS = fileURLToPath(new URL('../connectors/', import.meta.url));

/** How a test names a server that others wrote. */
const PEERS: readonly { readonly mark: RegExp; readonly name: string }[] = [
  { mark: /@openclaw\/crabline/, name: 'crabline' },
  { mark: /support\/prosody\.ts/, name: 'Prosody' },
  { mark: /['"]telegram-test-api/, name: 'telegram-test-api' },
];

/** Of a channel, or of one kind of its accounts: then the files that name another of `kinds` are not its. */
export function evidenceOf(channel: string, kind?: string, kinds: readonly string[] = []): Evidence {
  const folder = `${CONNECTORS}${channel}/test/`;
  const [firstKind] = kinds;
  const isOurs = (file: string): boolean => {
    const named = kinds.find((one) => new RegExp(`\\b${one}\\b`).test(file));
    return kind === undefined || named === kind || (named === undefined && kind === firstKind);
  };
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.ts') && isOurs(file)) : [];
  const texts = files.map((file) => readFileSync(`${folder}${file}`, 'utf8'));
  return {
    passesKit: texts.some((text) => text.includes('describeConnectorContract(')),
    peers: PEERS.filter(({ mark }) => texts.some((text) => mark.test(text))).map(({ name }) => name),
    hasBox: texts.some((text) => /from '\.\.\/simulator\/(?:network|people)/.test(text)),
  };
}

/** `gold`, `silver`, `bronze` or `none`; what they mean stands under the table. */
export function tierOf({ passesKit, peers, hasBox }: Evidence): string {
  if (!passesKit) return 'none';
  const sides = Number(peers.length > 0) + Number(hasBox);
  return ['bronze', 'silver', 'gold'][sides] ?? 'gold';
}

export const TIERS_EXPLAINED =
  "Tiers are computed from the tests: a connector that passes the conformance kit is bronze; silver if it is also tested against either a server that others wrote or a network in a box of our own that breaks on demand; gold with both. None of it says anything about the networks' own servers, which no test here has spoken with (Prosody is itself a real server).";
