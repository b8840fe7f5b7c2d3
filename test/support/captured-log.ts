import { pino } from 'pino';
import type { Logger } from '../../src/runtime/logger.ts';

/** A logger whose lines are kept, parsed, instead of written. */
export type CapturedLog = { readonly logger: Logger; readonly lines: Record<string, unknown>[] };

/** Keeps everything from `debug` on. */
export function captureLog(): CapturedLog {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  return { logger, lines };
}
