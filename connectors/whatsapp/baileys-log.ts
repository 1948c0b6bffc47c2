import { isRecord } from '../../src/core/json.ts';
import type { LogFields, Logger } from '../../src/core/logger.ts';

/** The logger that Baileys wants. Its own type is not imported, so that this file loads without the library. */
export interface BaileysLogger {
  level: string;
  child(fields: Record<string, unknown>): BaileysLogger;
  trace(fields: unknown, text?: string): void;
  debug(fields: unknown, text?: string): void;
  info(fields: unknown, text?: string): void;
  warn(fields: unknown, text?: string): void;
  error(fields: unknown, text?: string): void;
}

const PLAIN_WORDS = /^[A-Za-z][A-Za-z ,.:'()/_-]{0,119}$/; // no digit: nobody's number and no message id

/**
 * Lets through what Baileys says, and nothing of what it says it about: its fields hold stanzas, keys, bodies and numbers,
 * and some of its texts hold ids. Its warnings and errors are debug lines here: what matters is logged by its user.
 */
export function makeBaileysLogger(log: Logger): BaileysLogger {
  const tell = (level: string, fields: unknown, text: string | undefined): void => {
    const words = typeof fields === 'string' ? fields : (text ?? '');
    log.debug('baileys', {
      libraryLevel: level,
      said: PLAIN_WORDS.test(words) ? words : 'something with an id in it',
      ...errorName(fields),
    });
  };
  const ignore = (): void => undefined;
  const logger: BaileysLogger = {
    level: 'warn', // at `trace` and `debug` Baileys renders each stanza as text
    child: () => logger,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (fields, text) => tell('warn', fields, text),
    error: (fields, text) => tell('error', fields, text),
  };
  return logger;
}

function errorName(fields: unknown): LogFields {
  if (!isRecord(fields)) return {};
  const error = fields['err'] ?? fields['error'];
  return error instanceof Error ? { errorName: error.name } : {};
}
