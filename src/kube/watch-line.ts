import * as v from 'valibot';
import { isLiveObject } from './kube-object.ts';
import type { WatchEvent } from './object-api.ts';
import { failureOf } from './outcome.ts';

/** One line of a watch (meta/v1 WatchEvent). A line that makes no sense ends the watch as `unreadable`. */
export function parseWatchLine(line: string): WatchEvent {
  const parsed = v.safeParse(lineSchema, parseJson(line));
  if (!parsed.success) {
    return unreadable(`a line is no watch event: ${line.slice(0, SHOWN_CHARS)}`);
  }
  const { type, object } = parsed.output;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return isLiveObject(object)
        ? { kind: KINDS[type], object }
        : unreadable(`${type} without an object: ${line.slice(0, SHOWN_CHARS)}`);
    case 'BOOKMARK': {
      const mark = v.safeParse(bookmarkSchema, object);
      return mark.success
        ? { kind: 'bookmark', resourceVersion: mark.output.metadata.resourceVersion }
        : unreadable('a bookmark without a resourceVersion');
    }
    case 'ERROR': {
      const code = v.safeParse(errorSchema, object);
      return { kind: 'ended', how: failureOf(code.success ? code.output.code : 500, object) };
    }
    default:
      return unreadable(`an event of the type ${type.slice(0, SHOWN_CHARS)}`);
  }
}

/** Enough to recognise a line by, too little to fill a log. */
const SHOWN_CHARS = 120;

const KINDS = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;

const lineSchema = v.object({ type: v.string(), object: v.unknown() });
const bookmarkSchema = v.object({
  metadata: v.object({ resourceVersion: v.pipe(v.string(), v.nonEmpty()) }),
});
const errorSchema = v.object({ code: v.number() });

function unreadable(why: string): WatchEvent {
  return { kind: 'ended', how: { kind: 'unreadable', why } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
