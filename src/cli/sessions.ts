import pc from 'picocolors';
import { z } from 'zod';
import { type Session, session as sessionSchema } from '../engine/model/session.ts';
import { type CommandContext, connectToDaemon } from './context.ts';
import { renderTable } from './terminal.ts';

const sessionList = z.object({ data: z.array(sessionSchema) });

/** `bellhop sessions` */
export async function listSessions(context: CommandContext): Promise<void> {
  const answer = await connectToDaemon(context).get('/v1/sessions?limit=200');
  const { data } = sessionList.parse(answer);
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(data, null, 2));
    return;
  }
  if (data.length === 0) {
    context.terminal.out(
      'No session yet. Link an account with `bellhop link <channel>`, e.g. `bellhop link whatsapp`.',
    );
    return;
  }
  context.terminal.out(
    renderTable(
      ['SESSION', 'CHANNEL', 'STATE', 'SINCE', 'ACCOUNT', 'QUEUED', 'VERSION'],
      data.map((each) => [
        each.id,
        each.channel,
        paintState(each.state),
        each.since.slice(0, 16).replace('T', ' '),
        each.account?.displayName ?? each.account?.address ?? '–',
        String(each.pacing.queued),
        each.version.current ?? '–',
      ]),
    ),
  );
  for (const each of data) {
    if (each.reason !== null)
      context.terminal.out(`\n${pc.bold(each.id)}: ${each.reason.text}\n  ${each.reason.remedy}`);
    for (const { text, remedy, until } of each.limits)
      context.terminal.out(
        `\n${pc.bold(each.id)}: ${text} Until ${until.slice(0, 16).replace('T', ' ')}.\n  ${remedy}`,
      );
  }
}

function paintState(state: Session['state']): string {
  switch (state) {
    case 'connected':
      return pc.green(state);
    case 'degraded':
    case 'connecting':
    case 'linking':
    case 'backing_off':
      return pc.yellow(state);
    case 'logged_out':
    case 'banned':
      return pc.red(state);
    case 'unlinked':
    case 'stopped':
      return pc.dim(state);
  }
}
