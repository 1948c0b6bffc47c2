/**
 * Takes out of foreign text (a library's error, a crashed child's last output) what could be a phone number or a key.
 * Errs on the side of hiding: the text only has to be recognisable to whoever looks for the fault.
 */
export function redact(text: string): string {
  return text
    .replaceAll(/<Buffer[^>]*>/g, '[bytes]')
    .replaceAll(/[A-Za-z0-9+=_-]{12,}/g, (run) => (/\d/.test(run) || run.length >= LONGEST_WORD ? '[hidden]' : run))
    .replaceAll(/\+?\d[\d\s().-]{5,}\d/g, '[number]');
}

/** Longer than the names in our code and our libraries; base64 without a single digit is as good as never this long. */
const LONGEST_WORD = 40;

/** An error that no contract foresees, fit for a log: its kind, its redacted text and stack, nothing else of it. */
export function redactedError(reason: unknown): Error {
  if (!(reason instanceof Error)) return new Error(`rejected with ${typeof reason}`);
  const error = new Error(redact(reason.message));
  error.name = reason.name;
  error.stack = redact(reason.stack ?? '');
  return error;
}
