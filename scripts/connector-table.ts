import { connectors } from '../connectors/registry.ts';
import type { Capabilities, ConnectorManifest } from '../src/connector-api/index.ts';

const MIB = 1_048_576;

/** `docs/reference/connectors.md`: what each channel can carry, read off the manifests. */
export function renderConnectorTable(): string {
  const columns = connectors.flatMap(({ manifest }) => toColumns(manifest));
  const plain = (title: string, cell: (manifest: ConnectorManifest) => string): string =>
    `| ${title} | ${columns.map(({ manifest }) => cell(manifest)).join(' | ')} |`;
  const row = (title: string, cell: (direct: Capabilities) => string): string =>
    `| ${title} | ${columns.map(({ direct }) => cell(direct)).join(' | ')} |`;
  const yes = (value: boolean): string => (value ? 'yes' : '–');
  return [
    '# Connectors',
    '',
    "<!-- Generated from the connectors' manifests by `npm run generate`. -->",
    '',
    `| | ${columns.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    plain('channel', ({ channel }) => `\`${channel}\``),
    plain('library (optional dependency)', ({ library }) => `\`${library}\``),
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
    '',
    'What each connector was tested against, and what no offline test can show, stands in its README: `connectors/<channel>/README.md`.',
    '',
  ].join('\n');
}

interface Column {
  readonly name: string;
  readonly manifest: ConnectorManifest;
  readonly direct: Capabilities;
}

/** One for each kind of account. */
function toColumns(manifest: ConnectorManifest): readonly Column[] {
  const { displayName, accountKinds } = manifest;
  if (accountKinds === undefined) return [{ name: displayName, manifest, direct: manifest.capabilitiesFor('direct') }];
  return accountKinds.map((kind) => {
    return { name: `${displayName} (${kind})`, manifest, direct: manifest.capabilitiesFor('direct', kind) };
  });
}

function size(bytes: number): string {
  return bytes < MIB ? `${Math.floor(bytes / 1_024)} KiB` : `${Math.floor(bytes / MIB)} MiB`;
}

function window(durationMs: number | undefined): string {
  if (durationMs === undefined) return '–';
  const minutes = Math.round(durationMs / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
