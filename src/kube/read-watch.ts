import { errorText } from '../runtime/error-text.ts';
import type { ApiRequest, ApiTransport } from './api-transport.ts';
import { createLineCutter } from './line-cutter.ts';
import type { WatchEnd, WatchEvent } from './object-api.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { parseWatchLine } from './watch-line.ts';

/** etcd refuses values above 1.5 MiB; as JSON with its managed fields an object may be a few times that. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The events of one watch request. Ends after the server or the connection did, after `silenceMsMax` without
 * a byte (a half-open connection says nothing for ever), or when `signal` fires.
 */
export async function* readWatch(
  transport: ApiTransport,
  request: ApiRequest,
  silenceMsMax: number,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void> {
  const silence = new AbortController();
  const either = AbortSignal.any([signal, silence.signal]);
  const timer = setTimeout(() => silence.abort(), silenceMsMax);
  try {
    const stream = await transport.stream(request, either);
    if (stream.kind !== 'streaming') {
      yield { kind: 'ended', how: endOf(outcomeOf<never>(stream, () => undefined)) };
      return;
    }
    timer.refresh();
    yield { kind: 'opened' };
    const cutter = createLineCutter(LINE_BYTES_MAX);
    for await (const chunk of stream.chunks) {
      timer.refresh();
      const lines = cutter.push(chunk);
      if (lines === 'too-long') {
        yield unreadable(`a line is longer than ${LINE_BYTES_MAX} bytes`);
        return;
      }
      for (const line of lines) {
        const event = parseWatchLine(line);
        yield event;
        if (event.kind === 'ended') {
          return;
        }
      }
    }
    // The server ends a watch between two lines; a connection that breaks may end anywhere.
    yield cutter.isInsideLine() ? broken('the watch ended inside a line') : { kind: 'ended', how: CLOSED };
  } catch (error) {
    yield broken(silence.signal.aborted ? `nothing was heard for ${silenceMsMax} ms` : errorText(error));
  } finally {
    clearTimeout(timer);
    // Whoever stops listening early breaks off the connection too.
    silence.abort();
  }
}

const CLOSED: WatchEnd = { kind: 'closed' };

function endOf(outcome: Outcome<never>): WatchEnd {
  return outcome.kind === 'done' ? CLOSED : outcome;
}

function unreadable(why: string): WatchEvent {
  return { kind: 'ended', how: { kind: 'unreadable', why } };
}

function broken(why: string): WatchEvent {
  return { kind: 'ended', how: { kind: 'unknown', why } };
}
