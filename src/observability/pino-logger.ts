import pc from 'picocolors';
import pino from 'pino';
import type { LogFields, Logger } from '../core/logger.ts';
import { redactFields } from './redact.ts';

export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `text` for people, `json` for collectors. */
  readonly format: 'text' | 'json';
  /** Where lines go; standard error by default, since standard output belongs to a command's answer. */
  readonly write?: (line: string) => void;
}

/** The Logger port on pino. Every line passes the redaction, and a write that fails is dropped rather than thrown. */
export function createLogger(options: LogOptions): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'text',
    },
    { write: options.format === 'json' ? write : (line: string) => write(toText(line)) },
  );
  return adapt(root);
}

function adapt(logger: pino.Logger): Logger {
  return {
    // Asked first: each request has a line at debug, and to redact what nobody writes costs as much as to read its body.
    trace(text, fields = {}) {
      if (logger.isLevelEnabled('trace')) logger.trace(redactFields(fields), text);
    },
    debug(text, fields = {}) {
      if (logger.isLevelEnabled('debug')) logger.debug(redactFields(fields), text);
    },
    info: (text, fields = {}) => logger.info(redactFields(fields), text),
    warn: (text, fields = {}) => logger.warn(redactFields(fields), text),
    error: (text, fields = {}) => logger.error(redactFields(fields), text),
    child: (fields: LogFields) => adapt(logger.child(redactFields(fields))),
  };
}

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
  trace: pc.gray,
  debug: pc.gray,
  info: pc.cyan,
  warn: pc.yellow,
  error: pc.red,
};

/** `12:30:01 info  session connected session=front-desk`; in UTC, as everywhere. */
function toText(line: string): string {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null) return line;
  const { level, time, text, ...fields } = Object.fromEntries(Object.entries(parsed)) as Record<string, unknown>;
  const paint = COLOURS[String(level)] ?? ((value: string) => value);
  const rest = Object.entries(fields).map(([key, value]) =>
    pc.dim(`${key}=${typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value)}`),
  );
  const clock = typeof time === 'string' ? time.slice(11, 19) : '';
  return `${[pc.dim(clock), paint(String(level).padEnd(5)), String(text), ...rest].join(' ')}\n`;
}
