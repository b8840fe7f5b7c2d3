/** One clause for people out of whatever was thrown, with the code that libraries hide in `cause`. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = errorCode(error);
  return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}

/** The `code` of an error or of its nearest cause that has one, such as `ECONNREFUSED`. */
export function errorCode(error: unknown): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < CAUSE_DEPTH_MAX && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') {
      return current.code;
    }
    current = current.cause;
  }
  return undefined;
}

/** Causes nest two or three deep in practice; the bound only guards against a cycle. */
const CAUSE_DEPTH_MAX = 8;
