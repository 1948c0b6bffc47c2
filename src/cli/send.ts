import { z } from 'zod';
import { message as messageSchema } from '../engine/model/message.ts';
import { type CommandContext, connectToDaemon } from './context.ts';

/** `bellhop send <channel> <to> <text>` */
export async function sendMessage(
  context: CommandContext,
  request: {
    channel: string;
    to: string;
    text: string;
    session?: string | undefined;
    reservation?: string | undefined;
    consent?: string | undefined;
  },
): Promise<void> {
  const basis =
    request.reservation === undefined && request.consent === undefined
      ? undefined
      : { reservation: request.reservation, consent: request.consent };
  const answer = await connectToDaemon(context).post('/v1/messages', {
    channel: request.channel,
    to: request.to,
    body: request.text,
    session: request.session,
    basis,
  });
  const message = z.looseObject(messageSchema.shape).parse(answer);
  if (context.options.json === true) {
    context.terminal.out(JSON.stringify(answer, null, 2));
    return;
  }
  const when =
    message.estimatedSendAt === null ? '' : `, expected to leave about ${message.estimatedSendAt.slice(11, 19)} UTC`;
  context.terminal.out(`Accepted as ${message.id} by session ${message.session}${when}.`);
}
