import { connectors } from '../connectors/registry.ts';
import type { DisconnectKind, DisconnectRow, FinalReason } from '../src/connector-api/index.ts';
import { disconnectKinds, disconnectRow } from '../src/connector-api/index.ts';
import type { Random } from '../src/core/random.ts';
import { causeTexts, connectTimeoutCause, lostChildCause, unknownCause } from '../src/engine/causes.ts';
import { deafCauses, deafSigns, phoneSilentCause } from '../src/engine/liveness/findings.ts';
import { deafLayers } from '../src/engine/liveness/judge.ts';
import { decide } from '../src/engine/reconnect-policy.ts';

/** So many that the wait has grown as far as it grows. */
const MANY_FAILURES = 1_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** What a row says more, where the connector knows that trying again is of no use. */
const FINAL_TEXTS: Readonly<Record<FinalReason, string>> = {
  configuration: ' Bellhop stops until the setting is corrected and Bellhop is started again.',
  elsewhere: ' Bellhop stops at once.',
};
const NO_LADDER =
  ' No other client version would help, so none is tried: Bellhop connects again soon, and more and more seldom if it lasts.';
const longest: Random = { next: () => 1, bytes: (length) => new Uint8Array(length) };

/** `docs/reference/disconnects.md`: what every end of a connection is, what Bellhop does then, and what a person should do. */
export function renderDisconnectReference(): string {
  return [
    '# Ends of connections',
    '',
    "<!-- Generated from the connectors' tables and the reconnect policy by `npm run generate`. -->",
    '',
    'A connection that ends has a cause: a `kind`, the same for every channel, and a stable `code`. Both stand in the `reason` of the session, in its',
    "timeline and in the events; `nativeCode` is the network's own word.",
    '',
    '## What Bellhop does',
    '',
    '| kind | what happened | Bellhop, by itself | what it says, and what to do |',
    '| --- | --- | --- | --- |',
    ...disconnectKinds.map(
      (kind) => `| \`${kind}\` | ${causeTexts[kind].text} | ${reaction(kind)} | ${causeTexts[kind].remedy} |`,
    ),
    '',
    'A wait is drawn at random up to the given length, which doubles with each failure in a row; a time that the network names is kept in any case.',
    '`client_outdated` and `protocol_changed` move the channel on its [ladder of client versions](../guides/operations.md#when-a-network-refuses-the-client-version)',
    'where it has one; the waits given here are for channels without.',
    '',
    ...section('Any channel', [
      disconnectRow('the process of the connector is gone', lostChildCause()),
      disconnectRow('no answer in time', connectTimeoutCause),
      disconnectRow('anything else', unknownCause),
    ]),
    '## Found by Bellhop',
    '',
    '[A line that looks connected](../guides/operations.md#how-bellhop-knows-that-a-line-hears) and was found to be broken. Bellhop ends it itself.',
    '',
    '| what was seen | kind | code | what it means |',
    '| --- | --- | --- | --- |',
    ...deafLayers.map((layer) => rowOf(disconnectRow(deafSigns[layer], deafCauses[layer]))),
    rowOf(disconnectRow('the phone is silent, and the network answers', phoneSilentCause)),
    '',
    ...connectors.flatMap(({ manifest }) => section(manifest.displayName, manifest.disconnects ?? [])),
  ].join('\n');
}

function section(name: string, rows: readonly DisconnectRow[]): readonly string[] {
  return [
    `## ${name}`,
    '',
    '| the network says | kind | code | what it means |',
    '| --- | --- | --- | --- |',
    ...rows.map(rowOf),
    '',
  ];
}

function rowOf({ native, kind, code, detail, final, anyVersion }: DisconnectRow): string {
  const more = `${final === undefined ? '' : FINAL_TEXTS[final]}${kind === 'protocol_changed' && anyVersion === true ? NO_LADDER : ''}`;
  return `| ${native} | \`${kind}\` | \`${code}\` | ${detail ?? causeTexts[kind].text}${more} |`;
}

function reaction(kind: DisconnectKind): string {
  const cause = { kind, code: kind };
  const first = decide({ failures: 1 }, cause, 0, longest);
  const later = decide({ failures: MANY_FAILURES }, cause, 0, longest);
  if (kind === 'replaced' && first.do === 'retry')
    return `connects again once, within ${duration(first.afterMs)}; replaced again within an hour, or four times in a day, it stops: \`stopped\``;
  if (first.do === 'stop' || later.do === 'stop') return `stops: \`${first.do === 'stop' ? first.state : 'stopped'}\``;
  return first.afterMs === later.afterMs
    ? `connects again within ${duration(first.afterMs)}`
    : `connects again, ${first.afterMs === 0 ? 'at once' : `within ${duration(first.afterMs)}`}; later within ${duration(later.afterMs)}`;
}

function duration(ms: number): string {
  return ms < MINUTE_MS ? `${ms / SECOND_MS} s` : `${ms / MINUTE_MS} min`;
}
