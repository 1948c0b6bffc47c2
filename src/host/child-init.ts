import { z } from 'zod';
import { logLevels } from './forwarding-logger.ts';

/** What a child is told over its line before anything else; never by arguments or environment, which others can read. */
export const childInit = z.object({
  /** Folder of the session vaults. */
  sessionsDir: z.string(),
  /** Master key of the vaults, 32 bytes. */
  sessionsKey: z.instanceof(Uint8Array),
  mediaDir: z.string(),
  /** Lines below this are not worth sending. */
  logLevel: z.enum(logLevels),
});
export type ChildInit = z.infer<typeof childInit>;
