import { z } from 'zod';
import type { LoginFieldId } from '../../connector-api/index.ts';
import { loginFieldIds } from '../../connector-api/index.ts';
import type { LinkView } from '../../engine/engine-api.ts';
import { channel, propertyId, sessionId, timestamp } from '../../engine/model/primitives.ts';
import { sessionAccount } from '../../engine/model/session.ts';

const LONGEST_ANSWER = 200;
const LONGEST_ID = 200;
const LONGEST_SETTING_NAME = 100;

/** What nobody here knows is kept for the connector; a date that is none would be taken for a number that is young. */
const settings = z
  .record(z.string().min(1).max(LONGEST_SETTING_NAME), z.json())
  .refine(({ numberSince }) => numberSince === undefined || isDate(numberSince), {
    path: ['numberSince'],
    message: 'Expected a date, like 2019-05-01.',
  });

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value));
}

export const sessionRequest = z
  .strictObject({
    // checked by the handler, so that a bad id has an answer of its own
    id: z
      .string()
      .max(LONGEST_ID)
      .meta({ description: 'A slug you choose: 1 to 40 of a-z, 0-9 and -.', examples: ['front-desk'] }),
    channel,
    property: propertyId.optional(),
    settings: settings.optional(),
  })
  .meta({ id: 'NewSession' });

export const sessionPatch = z.strictObject({ settings });

export const linkRequest = z
  .strictObject({
    method: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/)
      .optional()
      .meta({ examples: ['qr', 'code'] }),
    phone: z.string().min(1).max(LONGEST_ANSWER).optional().meta({ description: 'E.164, for methods that need it.' }),
  })
  .meta({ id: 'LinkRequest' });

const answerField = z.string().min(1).max(LONGEST_ANSWER).optional();

export const linkAnswer = z
  .strictObject({
    code: answerField,
    password: answerField,
    phone: answerField,
    token: answerField,
    address: answerField,
  } satisfies Record<LoginFieldId, z.ZodType>)
  .refine((input) => Object.keys(input).length > 0, `Expected one of ${loginFieldIds.join(', ')}.`)
  .meta({ id: 'LinkAnswer' });

const base = { sessionId };
const label = z
  .string()
  .exactOptional()
  .meta({ description: 'What to do or to type, in English, in the words of the network; where the channel has some.' });

export const linkStep = z
  .discriminatedUnion('step', [
    z.object({
      ...base,
      step: z.literal('scan_qr'),
      qr: z.string().meta({ description: 'Content of the QR code; also to be had as PNG or SVG.' }),
      expiresAt: timestamp,
      label,
    }),
    z.object({
      ...base,
      step: z.literal('show_code'),
      code: z.string().meta({ description: 'To be typed on the phone.' }),
      expiresAt: timestamp,
      label,
    }),
    z.object({ ...base, step: z.literal('enter_code'), fields: z.array(z.string()), label }),
    z.object({ ...base, step: z.literal('enter_password'), fields: z.array(z.string()), label }),
    z.object({ ...base, step: z.literal('enter_phone'), fields: z.array(z.string()), label }),
    z.object({ ...base, step: z.literal('enter_token'), fields: z.array(z.string()), label }),
    z.object({ ...base, step: z.literal('enter_address'), fields: z.array(z.string()), label }),
    z.object({
      ...base,
      step: z.literal('done'),
      account: sessionAccount,
    }),
  ])
  .meta({ id: 'LinkStep', description: 'What is now asked of the person who links.' });

export type LinkStepAnswer = z.infer<typeof linkStep>;

/** A step as the contract names it. */
export function toLinkStep(view: LinkView): LinkStepAnswer {
  const { sessionId: id, step } = view;
  switch (step.type) {
    case 'display': {
      const expiresAt = new Date(step.expiresAt).toISOString();
      const words = step.label === undefined ? {} : { label: step.label };
      return step.display === 'qr'
        ? { sessionId: id, step: 'scan_qr', qr: step.data, expiresAt, ...words }
        : { sessionId: id, step: 'show_code', code: step.data, expiresAt, ...words };
    }
    case 'input': {
      const fields = step.fields.map((field) => field.id);
      const [first] = step.fields;
      return { sessionId: id, step: `enter_${first.id}`, fields, label: first.label };
    }
    case 'complete': {
      const { address, displayName = null, kind = null } = step.account;
      return { sessionId: id, step: 'done', account: { address, displayName, kind } };
    }
  }
}
