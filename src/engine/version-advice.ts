import type { ClientVersion } from '../connector-api/index.ts';

/** What a session does after its version was refused, or while nobody knows which one is accepted. */
export type LadderAdvice =
  | { readonly do: 'step'; readonly version: ClientVersion; readonly afterMs: number }
  /** Another session finds it out, and wakes those that wait. */
  | { readonly do: 'wait' }
  /** Every version was refused; a new round begins after this. */
  | { readonly do: 'rest'; readonly version: ClientVersion; readonly afterMs: number };

/** Where a version stands: connected with it, but not with what is wanted. */
export interface OldVersion {
  readonly version: ClientVersion;
  readonly wanted: ClientVersion;
  /** Since when the wanted one is refused; epoch ms, null when it was not tried. */
  readonly since: number | null;
}
