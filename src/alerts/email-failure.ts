const LONGEST_REASON = 120;
const LONGEST_CODE = 40;

/** What an operator is told of the codes that are met every day; others are shown as they are. */
const IN_WORDS: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server refused user or password',
  EDNS: 'the name of the mail server cannot be looked up',
  ECONNECTION: 'no connection to the mail server',
  ESOCKET: 'no connection to the mail server',
  ETIMEDOUT: 'the mail server did not answer in time',
  ETLS: 'the mail server offers no safe connection (TLS)',
  EENVELOPE: 'the mail server refused the sender or the recipient',
  EMESSAGE: 'the mail server refused the message',
  ECONNREFUSED: 'connection refused: no mail server listens there',
};

/** Why a mail was not taken: words, the library's code and the server's number. Never its text, which repeats addresses. */
export function emailFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const field = (name: string): string => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, LONGEST_CODE) : '';
  };
  // What lies beneath says more than that there was no connection.
  const system = /\b(ECONNREFUSED|ETIMEDOUT)\b/.exec(error.message)?.[1];
  const code = system ?? (field('code') || error.name);
  const words = IN_WORDS[code] ?? 'the mail could not be sent';
  const facts = [code, field('responseCode')].filter((fact) => fact !== '').join(' ');
  return `${words} (${facts})`.slice(0, LONGEST_REASON);
}
