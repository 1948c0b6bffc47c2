import { z } from 'zod';
import { systemClock } from '../core/clock.ts';
import { message as messageSchema } from '../engine/model/message.ts';
import { type CommandContext, connectToDaemon } from './context.ts';

/** What the command takes beside whom and what; times are RFC 3339. */
export interface SendOptions {
  readonly session?: string;
  readonly reservation?: string;
  readonly consent?: string;
  readonly purpose?: string;
  readonly sendAt?: string;
  readonly expiresAt?: string;
}

type Accepted = Pick<z.infer<typeof messageSchema>, 'id' | 'session' | 'estimatedSendAt' | 'heldBy'>;

/** `bellhop send <channel> <to> <text>` */
export async function sendMessage(
  context: CommandContext,
  request: SendOptions & { readonly channel: string; readonly to: string; readonly text: string },
): Promise<void> {
  const { channel, to, text: body, session, reservation, consent, purpose, sendAt, expiresAt } = request;
  const basis = reservation === undefined && consent === undefined ? undefined : { reservation, consent };
  const wanted = { channel, to, body, session, basis, purpose, sendAt, expiresAt };
  const answer = await connectToDaemon(context).post('/v1/messages', wanted);
  if (context.options.json === true) context.terminal.out(JSON.stringify(answer, null, 2));
  else
    context.terminal.out(renderAccepted(z.looseObject(messageSchema.shape).parse(answer), new Date(systemClock.now())));
}

/** Under which id it is stored, and what is known of when it goes. Pure. */
export function renderAccepted({ id, session, estimatedSendAt, heldBy }: Accepted, now: Date): string {
  const time = estimatedSendAt?.slice(11, 19);
  // Another day is named, or tomorrow morning would read like a time that has passed.
  const day =
    estimatedSendAt?.slice(0, 10) === now.toISOString().slice(0, 10) ? '' : `${estimatedSendAt?.slice(0, 10)} `;
  const when = time === undefined ? '' : `, expected to leave about ${day}${time} UTC`;
  return [`Accepted as ${id} by session ${session}${when}.`, ...(heldBy === null ? [] : [`  ${heldBy.detail}`])].join(
    '\n',
  );
}
