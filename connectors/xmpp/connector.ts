import type { Connector } from '../../src/connector-api/index.ts';
import type { XmppConfig } from './config.ts';
import { manifest } from './manifest.ts';
import { XmppSession } from './session.ts';

/** XMPP with an account on any server that has stream management (XEP-0198). Loaded in the child. */
export const connector: Connector<XmppConfig> = {
  manifest,
  createSession: (context) => new XmppSession(context),
};
