import type { StateReason } from '../model/session.ts';

/** How the codes of connectors end that tell a ban for a while, e.g. `whatsapp_402_temporary_ban`; other restrictions just pass. */
const CODE_ENDING = 'temporary_ban';

/** Whether the network has said that it bans the account for a time: then a person decides when it sends again. */
export function isTemporaryBan({ kind, code }: Pick<StateReason, 'kind' | 'code'>): boolean {
  return kind === 'restricted' && code.endsWith(CODE_ENDING);
}
