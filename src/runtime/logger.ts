import { destination, type Logger, pino } from 'pino';
import type { LogLevel } from './log-level.ts';

export type { Logger };

/**
 * A logger that writes JSON lines to standard output at once: an agent may be killed at any moment, and
 * its last line is the one that matters.
 */
export function createLogger(level: LogLevel, bindings: Readonly<Record<string, unknown>>): Logger {
  return pino(
    { level, base: bindings, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ dest: 1, sync: true }),
  );
}
