import { z } from 'zod';
import { apiKey, scope } from '../engine/model/access.ts';
import { type CommandContext, connectToDaemon } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError, renderTable } from './terminal.ts';

const createdKey = apiKey.extend({ key: z.string() });

/** `bellhop keys create <name> --scope …` */
export async function createKey(
  context: CommandContext,
  request: { name: string; scopes: readonly string[]; property?: string | undefined },
): Promise<void> {
  const scopes = z.array(scope).safeParse(request.scopes);
  if (!scopes.success) {
    throw new CommandError(exitCodes.usage, `Unknown scope. Scopes are: ${scope.options.join(', ')}.`);
  }
  const answer = await connectToDaemon(context).post('/v1/keys', {
    name: request.name,
    scopes: scopes.data,
    property: request.property,
  });
  const created = createdKey.parse(answer);
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(created, null, 2));
    return;
  }
  context.terminal.out(created.key);
  context.terminal.note(
    `Key "${created.name}" (${created.id}) may: ${created.scopes.join(', ')}. It is shown only this once.`,
  );
}

/** `bellhop keys list` */
export async function listKeys(context: CommandContext): Promise<void> {
  const { data } = z.object({ data: z.array(apiKey) }).parse(await connectToDaemon(context).get('/v1/keys?limit=200'));
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(data, null, 2));
    return;
  }
  if (data.length === 0) {
    context.terminal.out('No keys yet. Make one with `bellhop keys create <name> --scope messages:send`.');
    return;
  }
  context.terminal.out(
    renderTable(
      ['ID', 'NAME', 'SCOPES', 'CREATED', 'LAST USED', 'STATE'],
      data.map((key) => [
        key.id,
        key.name,
        key.scopes.join(' '),
        key.createdAt.slice(0, 10),
        key.lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
        key.revokedAt === null ? 'active' : `revoked ${key.revokedAt.slice(0, 10)}`,
      ]),
    ),
  );
}

/** `bellhop keys revoke <id>` */
export async function revokeKey(context: CommandContext, id: string): Promise<void> {
  const answer = await connectToDaemon(context).delete(`/v1/keys/${encodeURIComponent(id)}`);
  if (context.options.json === true) context.terminal.out(JSON.stringify(answer ?? { id }, null, 2));
  else context.terminal.out(`Revoked ${id}. Requests with it are refused from now on.`);
}
