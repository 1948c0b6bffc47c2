import { z } from 'zod';

/** What `bellhop sandbox --json` says, a line each; also what `bellhop start` reads from the sandbox that it runs. */
export const sandboxMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    address: z.object({
      endpoint: z.string(),
      trustedRoots: z.tuple([z.string()]),
      caFile: z.string(),
      controlUrl: z.string(),
    }),
    /** A device is linked to the hotel's phone from last time. */
    linked: z.boolean(),
    hotel: z.string(),
    guests: z.array(z.object({ name: z.string(), number: z.string() })),
    /** The second network; null where its library is not installed. */
    telegram: z
      .object({
        channel: z.object({
          apiId: z.int(),
          apiHash: z.string(),
          endpoint: z.object({ host: z.string(), port: z.int(), dcId: z.int() }),
          serverKeys: z.tuple([z.string()]),
        }),
        controlUrl: z.string(),
        linked: z.boolean(),
      })
      .nullable(),
  }),
  z.object({ type: z.literal('line'), line: z.object({ at: z.number(), who: z.string(), what: z.string() }) }),
]);
export type SandboxMessage = z.infer<typeof sandboxMessage>;
export type SandboxReady = Extract<SandboxMessage, { type: 'ready' }>;
export type SandboxLine = Extract<SandboxMessage, { type: 'line' }>['line'];
