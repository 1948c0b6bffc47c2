import qrcode from 'qrcode';
import { z } from 'zod';
import type { LoginFieldId } from '../connector-api/index.ts';
import { loginFieldIds } from '../connector-api/index.ts';
import { ask, type Desk, type Question } from './ask.ts';
import type { CommandContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError } from './terminal.ts';

/** The link step as the API shows it. */
export const linkStep = z.looseObject({
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
  label: z.string().optional(),
  qr: z.string().optional(),
  code: z.string().optional(),
  account: z.looseObject({ address: z.string(), displayName: z.string().nullish() }).nullish(),
});
export type LinkStep = z.infer<typeof linkStep>;

const WHERE_TO_SCAN = "On the hotel's phone: Settings › Linked devices › Link a device, then scan.";
const WHERE_TO_TYPE = "On the hotel's phone: Settings › Linked devices › Link with phone number, then type:";

/** Prints a step. What is typed is asked for by `askFields`. */
export async function showStep({ options, terminal }: CommandContext, step: LinkStep): Promise<void> {
  if (options.json === true) {
    terminal.out(JSON.stringify(step));
    return;
  }
  switch (step.step) {
    case 'scan_qr':
      terminal.out(await qrcode.toString(step.qr ?? '', { type: 'terminal', small: true, errorCorrectionLevel: 'L' }));
      terminal.out(`${step.label ?? WHERE_TO_SCAN} A new code comes by itself.`);
      return;
    case 'show_code':
      terminal.out(`${step.label ?? WHERE_TO_TYPE} ${step.code ?? ''}`);
      return;
    case 'enter_code':
    case 'enter_password':
    case 'enter_phone':
    case 'enter_token':
    case 'enter_address':
    case 'done':
      return;
  }
}

const questions: Readonly<Record<LoginFieldId, Question>> = {
  code: { text: 'Code', hidden: false },
  password: { text: 'Password', hidden: true },
  phone: { text: 'Phone number (+…)', hidden: false },
  token: { text: 'Token', hidden: true },
  address: { text: 'Address of the account', hidden: false },
};

/** Asks for the fields of a step in the terminal, in the network's words where it has some. */
export async function askFields(
  context: CommandContext,
  { fields = [], label }: LinkStep,
  desk: Desk,
): Promise<Readonly<Record<string, string>>> {
  if (!context.terminal.interactive) {
    throw new CommandError(
      exitCodes.usage,
      'The network asks for something to be typed, but this is not a terminal.',
      'Use POST /v1/sessions/:id/link/answer, or call this with --json and answer there while it waits.',
    );
  }
  const answers: Record<string, string> = {};
  for (const field of fields) {
    const { text, hidden } = questions[field];
    const words = fields.length === 1 && label !== undefined ? label : text;
    const question = { text: `${words}${hidden ? ' (not shown)' : ''}: `, hidden };
    answers[field] = await ask(desk, question);
  }
  return answers;
}
