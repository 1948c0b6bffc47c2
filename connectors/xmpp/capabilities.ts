import type { Capabilities } from '../../src/connector-api/index.ts';

/** Servers refuse stanzas from 10,000 bytes (RFC 6120 §13.12) to 256 KiB; this passes on any that people use. */
const MAX_TEXT_LENGTH = 10_000;

/** Text, typing and read marks. Files and rooms are other protocols on top of XMPP, which this connector does not speak. */
export const xmppCapabilities: Capabilities = {
  maxTextLength: MAX_TEXT_LENGTH,
  attachments: {},
  maxAttachments: 0,
  maxCaptionLength: 0,
  entities: false,
  maxButtons: 0,
  reply: false,
  location: false,
  contacts: false,
  poll: false,
  react: false,
  typing: true,
  readMarks: true,
};
