import pc from 'picocolors';
import { z } from 'zod';
import type { ClientVersionView } from '../engine/model/client-version.ts';
import { clientVersion } from '../engine/model/client-version.ts';
import type { CommandContext } from './context.ts';
import { connectToDaemon } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError, renderTable } from './terminal.ts';

const versionList = z.object({ data: z.array(clientVersion) });

export interface VersionRequest {
  readonly channel: string | undefined;
  readonly pin: string | undefined;
  readonly unpin: string | undefined;
  readonly forget: string | undefined;
}

/** `bellhop versions [channel] [--pin | --unpin | --forget <version>]` */
export async function manageVersions(context: CommandContext, request: VersionRequest): Promise<void> {
  const { channel, pin, unpin, forget } = request;
  const changes = [pin, unpin, forget].filter((version) => version !== undefined);
  if (changes.length === 0) return listVersions(context, channel);
  if (changes.length > 1) throw new CommandError(exitCodes.usage, 'One of --pin, --unpin and --forget at a time.');
  if (channel === undefined)
    throw new CommandError(exitCodes.usage, 'Which channel? E.g. `bellhop versions whatsapp --pin 2.3000.1043857760`.');
  if (forget !== undefined) return forgetVersion(context, channel, forget);
  return pinVersion(context, { channel, version: pin ?? unpin ?? '', pinned: pin !== undefined });
}

async function listVersions(context: CommandContext, channel: string | undefined): Promise<void> {
  const query = channel === undefined ? '' : `?channel=${encodeURIComponent(channel)}`;
  const { data } = versionList.parse(await connectToDaemon(context).get(`/v1/versions${query}`));
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(data, null, 2));
    return;
  }
  if (data.length === 0) {
    context.terminal.out('No client versions: no channel, or one whose network knows none.');
    return;
  }
  context.terminal.out(
    renderTable(
      ['CHANNEL', 'VERSION', 'ORIGIN', 'SESSIONS', 'WORKED', 'FAILED', 'STATE'],
      data.map((each) => [
        each.channel,
        each.version,
        each.origin,
        String(each.sessions),
        shortTime(each.lastWorkedAt),
        shortTime(each.lastFailedAt),
        stateOf(each),
      ]),
    ),
  );
}

async function pinVersion(
  context: CommandContext,
  request: { readonly channel: string; readonly version: string; readonly pinned: boolean },
): Promise<void> {
  const { channel, version, pinned } = request;
  const changed = clientVersion.parse(await connectToDaemon(context).patch(pathOf(channel, version), { pinned }));
  if (context.options.json === true) context.terminal.out(JSON.stringify(changed, null, 2));
  else if (pinned) context.terminal.out(`Pinned ${version}: sessions of ${channel} take it at their next reconnect.`);
  else context.terminal.out(`No longer pinned: sessions of ${channel} go by the ladder again.`);
}

async function forgetVersion(context: CommandContext, channel: string, version: string): Promise<void> {
  await connectToDaemon(context).delete(pathOf(channel, version));
  if (context.options.json === true) context.terminal.out(JSON.stringify({ channel, version }, null, 2));
  else context.terminal.out(`Forgot when ${version} worked and failed.`);
}

function pathOf(channel: string, version: string): string {
  return `/v1/versions/${encodeURIComponent(channel)}/${encodeURIComponent(version)}`;
}

function shortTime(time: string | null): string {
  return time === null ? 'never' : time.slice(0, 16).replace('T', ' ');
}

function stateOf({ failingSince, current, wanted, pinned }: ClientVersionView): string {
  const words = [
    failingSince === null ? '' : pc.red(`refused since ${shortTime(failingSince)}`),
    current ? pc.green('in use') : '',
    wanted && !current ? pc.yellow('wanted') : '',
    pinned ? 'pinned' : '',
  ];
  return words.filter((word) => word !== '').join(', ');
}
