/** Facts beside a static text. Never a message body, a phone number or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | Error>>;

/**
 * The logging port. Text is static so that lines can be searched and counted; what varies goes into `fields`.
 * Calls never throw and never block on a slow sink.
 */
export interface Logger {
  trace(text: string, fields?: LogFields): void;
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each line, e.g. `{ session: 'front-desk' }`. */
  child(fields: LogFields): Logger;
}

const ignore = (): void => undefined;

export const silentLogger: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
