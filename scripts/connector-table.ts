import { connectors } from '../connectors/registry.ts';
import type { Capabilities, ConnectorManifest } from '../src/connector-api/index.ts';
import type { Evidence } from './connector-evidence.ts';
import { evidenceOf, TIERS_EXPLAINED, tierOf } from './connector-evidence.ts';

const MIB = 1_048_576;
const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;

/** `docs/reference/connectors.md`: what each channel can carry, read off the manifests. */
export function renderConnectorTable(): string {
  const columns = connectors.flatMap(({ manifest }) => toColumns(manifest));
  const plain = (title: string, cell: (manifest: ConnectorManifest) => string): string =>
    `| ${title} | ${columns.map(({ manifest }) => cell(manifest)).join(' | ')} |`;
  const row = (title: string, cell: (direct: Capabilities) => string): string =>
    `| ${title} | ${columns.map(({ direct }) => cell(direct)).join(' | ')} |`;
  const tests = (title: string, cell: (evidence: Evidence) => string): string =>
    `| ${title} | ${columns.map(({ evidence }) => cell(evidence)).join(' | ')} |`;
  const yes = (value: boolean): string => (value ? 'yes' : '–');
  return [
    '# Connectors',
    '',
    "<!-- Generated from the connectors' manifests by `npm run generate`. -->",
    '',
    `| | ${columns.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    plain('channel', ({ channel }) => `\`${channel}\``),
    plain('library (optional dependency)', ({ library, alternativeLibraries = [] }) =>
      [library, ...alternativeLibraries].map((name) => `\`${name}\``).join(' or '),
    ),
    plain('ways to link', ({ linkMethods }) => linkMethods.join(', ')),
    row('longest text', (direct) => `${direct.maxTextLength} characters`),
    row('longest caption', (direct) => `${direct.maxCaptionLength} characters`),
    row('files, largest', (direct) =>
      Object.entries(direct.attachments)
        .map(([kind, limit]) => `${kind} ${size(limit.maxBytes)}`)
        .join('<br>'),
    ),
    row('files in one message', (direct) => String(direct.maxAttachments)),
    row('formatting shown', (direct) => yes(direct.entities)),
    row('buttons under a text', (direct) => (direct.maxButtons === 0 ? '–' : String(direct.maxButtons))),
    row('quoted replies', (direct) => yes(direct.reply)),
    row(
      'location, contacts, polls',
      (direct) => `${yes(direct.location)}, ${yes(direct.contacts)}, ${yes(direct.poll)}`,
    ),
    row(
      'told: votes in polls, forwards',
      (direct) => `${yes(direct.pollVotes === true)}, ${yes(direct.forwards === true)}`,
    ),
    row('reactions', (direct) => yes(direct.react)),
    row('edit within', (direct) => window(direct.editWindowMs)),
    row('delete for everyone within', (direct) => window(direct.deleteWindowMs)),
    row('typing, read marks', (direct) => `${yes(direct.typing)}, ${yes(direct.readMarks)}`),
    tests('tier', tierOf),
    tests('passes the conformance kit', ({ passesKit }) => yes(passesKit)),
    tests('tested against servers that others wrote', ({ peers }) => (peers.length === 0 ? '–' : peers.join(', '))),
    tests('tested against a network in a box of our own', ({ hasBox }) => yes(hasBox)),
    '',
    TIERS_EXPLAINED,
    '',
    'How each connector was tested, and what no offline test can show, stands in its README: `connectors/<channel>/README.md`.',
    '',
  ].join('\n');
}

interface Column {
  readonly name: string;
  readonly manifest: ConnectorManifest;
  readonly direct: Capabilities;
  readonly evidence: Evidence;
}

/** One for each kind of account. */
function toColumns(manifest: ConnectorManifest): readonly Column[] {
  const { channel, displayName, accountKinds } = manifest;
  if (accountKinds === undefined) {
    const direct = manifest.capabilitiesFor('direct');
    return [{ name: displayName, manifest, direct, evidence: evidenceOf(channel) }];
  }
  return accountKinds.map((kind) => {
    const direct = manifest.capabilitiesFor('direct', kind);
    return { name: `${displayName} (${kind})`, manifest, direct, evidence: evidenceOf(channel, kind, accountKinds) };
  });
}

function size(bytes: number): string {
  return bytes < MIB ? `${Math.floor(bytes / 1_024)} KiB` : `${Math.floor(bytes / MIB)} MiB`;
}

function window(durationMs: number | undefined): string {
  if (durationMs === undefined) return '–';
  if (durationMs >= YEAR_MS) return 'any time';
  const minutes = Math.round(durationMs / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
