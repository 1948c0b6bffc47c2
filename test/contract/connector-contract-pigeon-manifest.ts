import { z } from 'zod';
import type { ConnectorManifest } from '../../src/connector-api/index.ts';
import { attachmentKinds } from '../../src/connector-api/index.ts';
import { PIGEON_KIND } from './connector-contract-pigeon-login.ts';
import type { Mistake } from './connector-contract-pigeon-mistakes.ts';

const ADDRESS = /^(?:id|group):\d+$/;
const MIB = 1024 * 1024;

export const pigeonManifest: ConnectorManifest = {
  channel: 'pigeon',
  displayName: 'Pigeon post',
  library: 'none',
  configSchema: z.strictObject({ loft: z.string() }),
  linkMethods: ['password', 'qr'],
  accountKinds: [PIGEON_KIND],
  capabilitiesFor: (_kind, accountKind) => ({
    maxTextLength: 10_000,
    attachments: Object.fromEntries(attachmentKinds.map((kind) => [kind, { maxBytes: MIB }])),
    maxAttachments: 3,
    maxCaptionLength: 100,
    entities: true,
    maxButtons: accountKind === PIGEON_KIND ? 4 : 0,
    pollVotes: true,
    forwards: true,
    reply: true,
    location: true,
    contacts: true,
    poll: true,
    react: true,
    editWindowMs: 60_000,
    deleteWindowMs: 60_000,
    typing: true,
    readMarks: true,
  }),
  parseAddress: (text) => {
    if (!ADDRESS.test(text)) return { ok: false, expected: 'expected id:<digits> or group:<digits>' };
    return { ok: true, kind: text.startsWith('group:') ? 'group' : 'direct', address: text };
  },
  createMessageId: (random) => `p-${Buffer.from(random.bytes(12)).toString('hex')}`,
  isPrivateEndpoint: () => true,
  canaryAnsweredBy: 'network',
};

/** The manifest of a connector with this mistake. */
export function manifestWith(mistake: Mistake | undefined): ConnectorManifest {
  if (mistake === 'repeats message ids') return { ...pigeonManifest, createMessageId: () => 'p-always' };
  if (mistake !== 'hides who answers canaries') return pigeonManifest;
  const { canaryAnsweredBy: _, ...manifest } = pigeonManifest;
  return manifest;
}
