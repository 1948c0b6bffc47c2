/** What a script may rely on; shown in `bellhop --help`. */
export const exitCodes = {
  ok: 0,
  /** The command could not do its work; the message says why. */
  failed: 1,
  /** Wrong use: unknown option, missing argument, bad value. */
  usage: 2,
  /** No daemon answers. */
  unreachable: 3,
  /** The daemon refused the request. */
  refused: 4,
  /** The configuration is not valid. */
  config: 5,
} as const;
