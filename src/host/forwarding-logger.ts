import { z } from 'zod';
import { isRecord } from '../core/json.ts';
import type { LogFields, Logger } from '../core/logger.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const wireErrorField = z.object({ name: z.string(), message: z.string(), stack: z.string().exactOptional() });
const logLine = z.object({
  level: z.enum(logLevels),
  text: z.string(),
  fields: z.record(z.string(), z.union([scalar, wireErrorField])),
});
type LogLine = z.infer<typeof logLine>;

/** The logger of a child: each line crosses as plain data. Lines below `minimum` stay behind and cost nothing. */
export class ForwardingLogger implements Logger {
  readonly #send: (line: LogLine) => void;
  readonly #minimum: LogLevel;
  readonly #fields: LogFields;

  constructor(deps: { send: (line: LogLine) => void; minimum: LogLevel; fields?: LogFields }) {
    this.#send = deps.send;
    this.#minimum = deps.minimum;
    this.#fields = deps.fields ?? {};
  }

  trace(text: string, fields?: LogFields): void {
    this.#log('trace', text, fields);
  }

  debug(text: string, fields?: LogFields): void {
    this.#log('debug', text, fields);
  }

  info(text: string, fields?: LogFields): void {
    this.#log('info', text, fields);
  }

  warn(text: string, fields?: LogFields): void {
    this.#log('warn', text, fields);
  }

  error(text: string, fields?: LogFields): void {
    this.#log('error', text, fields);
  }

  child(fields: LogFields): Logger {
    return new ForwardingLogger({
      send: this.#send,
      minimum: this.#minimum,
      fields: { ...this.#fields, ...fields },
    });
  }

  #log(level: LogLevel, text: string, fields: LogFields | undefined): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.#minimum)) return;
    this.#send({ level, text, fields: toWire({ ...this.#fields, ...fields }) });
  }
}

/** Writes a line that crossed into the daemon's own log. What is not a log line is dropped. */
export function relayLogLine(log: Logger, data: unknown): void {
  const parsed = logLine.safeParse(data);
  if (!parsed.success) return;
  const { level, text, fields } = parsed.data;
  log[level](text, fromWire(fields));
}

function toWire(fields: LogFields): LogLine['fields'] {
  const wire: LogLine['fields'] = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    wire[key] = value instanceof Error ? errorToWire(value) : value;
  }
  return wire;
}

function errorToWire(error: Error): z.infer<typeof wireErrorField> {
  return {
    name: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}

function fromWire(fields: LogLine['fields']): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, isRecord(value) ? toError(value) : value]),
  );
}

function toError(wire: z.infer<typeof wireErrorField>): Error {
  const error = new Error(wire.message);
  error.name = wire.name;
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}
