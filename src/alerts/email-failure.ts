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
  ERR_SSL_WRONG_VERSION_NUMBER: 'the mail server speaks no TLS on this port: try `secure: false`, or another port',
  CERT_HAS_EXPIRED: "the mail server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the mail server's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the mail server's certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the mail server's certificate is signed by nobody that is trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "the mail server's certificate is for another host",
};

/** Why a mail was not taken: words, the library's code and the server's number. Never its text, which repeats addresses. */
export function emailFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const field = (name: string): string => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, LONGEST_CODE) : '';
  };
  // The library's own code mostly says no more than that there was no connection; what lay beneath is kept beside it.
  const beneath = field('originalCode');
  const code = beneath in IN_WORDS ? beneath : field('code') || error.name;
  const words = IN_WORDS[code] ?? 'the mail could not be sent';
  const facts = [code, field('responseCode')].filter((fact) => fact !== '').join(' ');
  return `${words} (${facts})`.slice(0, LONGEST_REASON);
}
