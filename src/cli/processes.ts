import { z } from 'zod';
import type { ConnectorProcess } from '../engine/model/process.ts';
import { connectorProcess } from '../engine/model/process.ts';
import type { CommandContext } from './context.ts';
import { connectToDaemon } from './context.ts';
import { renderTable } from './terminal.ts';

const processList = z.object({ data: z.array(connectorProcess) });
const MEBIBYTE = 1_048_576;

/** `bellhop processes` */
export async function listProcesses(context: CommandContext): Promise<void> {
  const { data } = processList.parse(await connectToDaemon(context).get('/v1/processes'));
  if (context.options.json === true) context.terminal.out(JSON.stringify(data, null, 2));
  else if (data.length === 0) context.terminal.out('No process: the first session of a channel starts one.');
  else context.terminal.out(render(data));
}

/** `bellhop renew` */
export async function renewProcesses(context: CommandContext): Promise<void> {
  const { data } = processList.parse(await connectToDaemon(context).post('/v1/sessions/renew'));
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(data, null, 2));
    return;
  }
  context.terminal.out(
    data.length === 0
      ? 'Nothing to replace: no process runs.'
      : `Replacing ${data.length} process${data.length === 1 ? '' : 'es'}, one at a time; \`bellhop processes\` shows how far it is.`,
  );
}

function render(data: readonly ConnectorProcess[]): string {
  return renderTable(
    ['CHANNEL', 'PROCESS', 'PID', 'SINCE', 'SESSIONS', 'MEMORY', 'LAG', ''],
    data.map((each) => [
      each.channel,
      String(each.number),
      each.pid === null ? '–' : String(each.pid),
      each.startedAt.slice(0, 16).replace('T', ' '),
      String(each.sessions),
      each.residentBytes === null ? '–' : `${Math.round(each.residentBytes / MEBIBYTE)} MiB`,
      each.loopLagMs === null ? '–' : `${each.loopLagMs} ms`,
      each.retiring ? 'being replaced' : '',
    ]),
  );
}
