import { connectors } from '../connectors/registry.ts';
import type { Capabilities } from '../src/connector-api/index.ts';

const MIB = 1_048_576;

/** `docs/reference/connectors.md`: what each channel can carry, read off the manifests. */
export function renderConnectorTable(): string {
  const names = connectors.map(({ manifest }) => manifest.displayName);
  const all = connectors.map(({ manifest }) => manifest);
  const row = (title: string, cell: (direct: Capabilities, group: Capabilities) => string): string =>
    `| ${title} | ${all.map((manifest) => cell(manifest.capabilitiesFor('direct'), manifest.capabilitiesFor('group'))).join(' | ')} |`;
  const yes = (value: boolean): string => (value ? 'yes' : '–');
  return [
    '# Connectors',
    '',
    "<!-- Generated from the connectors' manifests by `npm run generate`. -->",
    '',
    `| | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    `| channel | ${all.map((manifest) => `\`${manifest.channel}\``).join(' | ')} |`,
    `| library (optional dependency) | ${all.map((manifest) => `\`${manifest.library}\``).join(' | ')} |`,
    `| ways to link | ${all.map((manifest) => manifest.linkMethods.join(', ')).join(' | ')} |`,
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

function size(bytes: number): string {
  return bytes < MIB ? `${Math.floor(bytes / 1_024)} KiB` : `${Math.floor(bytes / MIB)} MiB`;
}

function window(durationMs: number | undefined): string {
  if (durationMs === undefined) return '–';
  const minutes = Math.round(durationMs / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
