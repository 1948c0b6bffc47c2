import type { LogFields } from '../core/logger.ts';

/** Keys whose values are never written, whatever they hold. */
const FORBIDDEN_KEYS =
  /^(?:body|text|caption|password|secret|token|authorization|key|phone|to|from|address|jid|lid|qr|pairingcode|cookie)$/i;

/** Phone numbers as E.164, bare jids and webhook secrets, wherever they slipped into a text. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\+\d{7,15}\b/g, '[number]'],
  [/\b\d{6,20}(?::\d+)?@(?:s\.whatsapp\.net|lid|c\.us|g\.us)/g, '[jid]'],
  [/\blid:\d{5,}/g, '[lid]'],
  [/\bwhsec_[A-Za-z0-9+/=]+/g, '[secret]'],
  [/\bbhk_[A-Za-z0-9_-]+/g, '[key]'],
  [/(https?:\/\/[^\s/?#]+)[^\s]*/g, '$1/…'],
];

export function redactText(text: string): string {
  return PATTERNS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** The last net under the rule that no personal data is logged: callers should not hand it over in the first place. */
export function redactFields(fields: LogFields): Record<string, string | number | boolean | null> {
  const clean: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (FORBIDDEN_KEYS.test(key)) clean[key] = '[redacted]';
    else if (value instanceof Error) Object.assign(clean, describeError(key, value));
    else clean[key] = typeof value === 'string' ? redactText(value) : value;
  }
  return clean;
}

const STACK_LINES = 6; // enough to find the place, short enough for one line of a journal

function describeError(key: string, error: Error): Record<string, string> {
  const code: unknown = Reflect.get(error, 'code');
  return {
    [key]: redactText(error.message),
    ...(typeof code === 'string' ? { [`${key}Code`]: code } : {}),
    ...(error.stack === undefined
      ? {}
      : {
          [`${key}Stack`]: redactText(
            error.stack
              .split('\n')
              .slice(1, 1 + STACK_LINES)
              .map((line) => line.trim())
              .join(' < '),
          ),
        }),
  };
}
