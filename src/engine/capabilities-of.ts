import type { Capabilities, ConnectorManifest } from '../connector-api/index.ts';
import type { Session } from './model/session.ts';

/** What a chat of this session can carry: on some channels a bot can do other things than a person. */
export function capabilitiesOf(
  manifest: ConnectorManifest,
  kind: 'direct' | 'group',
  session: Pick<Session, 'account'> | null,
): Capabilities {
  return manifest.capabilitiesFor(kind, session?.account?.kind ?? undefined);
}
