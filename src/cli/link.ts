import qrcode from 'qrcode';
import { z } from 'zod';
import type { LoginFieldId } from '../connector-api/index.ts';
import { loginFieldIds } from '../connector-api/index.ts';
import { waitInForeground } from '../core/clock.ts';
import type { ApiClient } from './api-client.ts';
import { ask, type Question } from './ask.ts';
import { type CommandContext, connectToDaemon } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError } from './terminal.ts';

/** The link step as the API shows it. */
const linkStep = z.looseObject({
  step: z.enum([
    'scan_qr',
    'show_code',
    'enter_code',
    'enter_password',
    'enter_phone',
    'enter_token',
    'enter_address',
    'done',
  ]),
  fields: z.array(z.enum(loginFieldIds)).optional(),
  qr: z.string().optional(),
  code: z.string().optional(),
  account: z.looseObject({ address: z.string(), displayName: z.string().nullish() }).nullish(),
});
type LinkStep = z.infer<typeof linkStep>;

const POLL_MS = 1_000; // a QR code lives about 20 s, so a second is soon enough

export interface LinkRequest {
  readonly channel: string;
  readonly session: string;
  readonly method?: string | undefined;
  readonly phone?: string | undefined;
}

/** `bellhop link <channel>`: makes the session if need be, shows what is asked, ends when the account is linked. */
export async function linkSession(context: CommandContext, request: LinkRequest): Promise<void> {
  const daemon = connectToDaemon(context);
  const path = `/v1/sessions/${encodeURIComponent(request.session)}`;
  if ((await daemon.find(path)) === null)
    await daemon.post('/v1/sessions', { id: request.session, channel: request.channel });
  let step = linkStep.parse(await daemon.post(`${path}/link`, { method: request.method, phone: request.phone }));
  let shown = '';
  while (step.step !== 'done') {
    const current = JSON.stringify(step);
    if (current !== shown) {
      shown = current;
      const answered = await present(context, daemon, `${path}/link/answer`, step);
      if (answered !== null) {
        step = answered;
        continue;
      }
    }
    await waitInForeground(POLL_MS);
    step = await currentStep(daemon, path);
  }
  if (context.options.json === true) context.terminal.out(JSON.stringify(step));
  else
    context.terminal.out(
      `Linked: ${request.session} is ${step.account?.displayName ?? step.account?.address ?? 'ready'}.`,
    );
}

async function currentStep(daemon: ApiClient, path: string): Promise<LinkStep> {
  const found = await daemon.find(`${path}/link`).catch(async (error: unknown) => {
    // The link has just ended: the session itself tells how.
    const session = z.looseObject({ state: z.string(), account: z.unknown() }).parse(await daemon.get(path));
    if (session.state === 'connected' || session.state === 'connecting')
      return { step: 'done', account: session.account };
    throw error;
  });
  return linkStep.parse(found);
}

async function present(
  context: CommandContext,
  daemon: ApiClient,
  answerPath: string,
  step: LinkStep,
): Promise<LinkStep | null> {
  const { terminal } = context;
  if (context.options.json === true && (step.step === 'scan_qr' || step.step === 'show_code')) {
    terminal.out(JSON.stringify(step));
    return null;
  }
  switch (step.step) {
    case 'scan_qr':
      terminal.out(await qrcode.toString(step.qr ?? '', { type: 'terminal', small: true, errorCorrectionLevel: 'L' }));
      terminal.out(
        "On the hotel's phone: Settings › Linked devices › Link a device, then scan. A new code comes by itself.",
      );
      return null;
    case 'show_code':
      terminal.out(
        `On the hotel's phone: Settings › Linked devices › Link with phone number, then type: ${step.code ?? ''}`,
      );
      return null;
    case 'enter_code':
    case 'enter_password':
    case 'enter_phone':
    case 'enter_token':
    case 'enter_address':
      return linkStep.parse(await daemon.post(answerPath, await askFields(context, step.fields ?? [])));
    case 'done':
      return step;
  }
}

const questions: Readonly<Record<LoginFieldId, Question>> = {
  code: { text: 'Code: ', hidden: false },
  password: { text: 'Password (not shown): ', hidden: true },
  phone: { text: 'Phone number (+…): ', hidden: false },
  token: { text: 'Token (not shown): ', hidden: true },
  address: { text: 'Address of the account: ', hidden: false },
};

async function askFields(
  context: CommandContext,
  fields: readonly LoginFieldId[],
): Promise<Readonly<Record<string, string>>> {
  if (!context.terminal.interactive) {
    throw new CommandError(
      exitCodes.usage,
      'The network asks for something to be typed, but this is not a terminal.',
      'Use POST /v1/sessions/:id/link/answer instead.',
    );
  }
  const answers: Record<string, string> = {};
  for (const field of fields) {
    answers[field] = await ask({ input: process.stdin, output: process.stderr }, questions[field]);
  }
  return answers;
}
