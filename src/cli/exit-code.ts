/** What every command's exit code means; documented in the README. */
export const EXIT = {
  /** It did what was asked, and everything it checked held. */
  ok: 0,
  /** It failed, or something it checked did not hold. */
  failure: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  usage: 2,
} as const;
