import pc from 'picocolors';
import { z } from 'zod';
import { systemClock } from '../core/clock.ts';
import type { Alert } from '../engine/model/alert.ts';
import { alert } from '../engine/model/alert.ts';
import { silentWays } from './alert-ways.ts';
import type { CommandContext } from './context.ts';
import { connectToDaemon } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError, renderTable } from './terminal.ts';

/** As many as fit on a screen or two. */
const SHOWN_ALERTS = 50;

const alertList = z.object({ data: z.array(alert) });
const testResults = z.object({
  data: z.array(z.object({ way: z.string(), delivered: z.boolean(), reason: z.string().nullable() })),
});

/** `bellhop alerts [--all]` */
export async function listAlerts(context: CommandContext, { all }: { readonly all: boolean }): Promise<void> {
  const query = all ? '' : '&open=true';
  const client = connectToDaemon(context);
  const { data } = alertList.parse(await client.get(`/v1/alerts?limit=${SHOWN_ALERTS}${query}`));
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(data, null, 2));
    return;
  }
  for (const { way, text } of await silentWays(client, systemClock.now()))
    context.terminal.out(pc.red(`Nobody is told by ${way}: it ${text}`));
  if (data.length === 0) {
    context.terminal.out(all ? 'There has been no alert.' : 'All is well: no alert is open.');
    return;
  }
  context.terminal.out(
    renderTable(
      ['SINCE', 'ALERT', 'STATE', 'WHAT TO DO'],
      data.map((each) => [shortTime(each.since), each.title, stateOf(each), each.closedAt === null ? each.remedy : '']),
    ),
  );
}

/** `bellhop alerts test`: fails when one way did not take it, so that a script can rely on it. */
export async function testAlerts(context: CommandContext): Promise<void> {
  const { data } = testResults.parse(await connectToDaemon(context).post('/v1/alerts/test'));
  if (context.options.json === true) context.terminal.out(JSON.stringify(data, null, 2));
  else
    for (const { way, delivered, reason } of data)
      context.terminal.out(
        delivered ? `${pc.green('sent')}    ${way}` : `${pc.red('failed')}  ${way}: ${reason ?? ''}`,
      );
  if (data.length === 0)
    throw new CommandError(
      exitCodes.failed,
      'Nobody is told of alerts.',
      'Set alerts.email or alerts.webhooks in the configuration and restart: docs/guides/alerts.md.',
    );
  if (data.some(({ delivered }) => !delivered))
    throw new CommandError(
      exitCodes.failed,
      'Not every way took the test.',
      'Correct `alerts` in the configuration, restart, and test again.',
    );
}

function shortTime(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

function stateOf({ closedAt, endedAt, action }: Alert): string {
  if (closedAt !== null) return pc.dim(`over since ${shortTime(endedAt ?? closedAt)}`);
  return action === 'none' ? pc.yellow('open') : pc.red('needs you');
}
