/** Reads every acknowledged write back, at linearizable level, and counts those that are not there. */
import { pause } from '../runtime/abort.ts';
import type { KeyValueApi, Page, PageRequest } from './key-value-api.ts';
import type { NumberRanges } from './number-ranges.ts';
import { KEY_END, KEY_PREFIX, numberOf } from './write-keys.ts';

export type ReadBack =
  | {
      readonly kind: 'read';
      readonly lost: number;
      /** The revision that was read; every voter has it sooner or later. */
      readonly revision: bigint;
    }
  /** No page could be read for as long as it was tried. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Some tens of KiB a page. */
const PAGE_KEYS = 1_000;

/** A member that was just elected, or lost, is worth waiting for. */
const TRIES_MAX = 20;
const RETRY_PAUSE_MS = 250;

/** Reads through one member of `clientUrls` after another until each page was read. */
export async function readBack(
  api: KeyValueApi,
  clientUrls: readonly string[],
  acknowledged: NumberRanges,
  signal: AbortSignal,
): Promise<ReadBack> {
  let from = KEY_PREFIX;
  let revision = 0n;
  let found = 0;
  for (;;) {
    const answer = await readPage(
      api,
      clientUrls,
      { from, end: KEY_END, limit: PAGE_KEYS, revision },
      signal,
    );
    if ('why' in answer) {
      return { kind: 'unreadable', why: answer.why };
    }
    // The first page is read as the store is now; the others as it was then, so that they fit together.
    revision = revision === 0n ? answer.revision : revision;
    found += countFound(answer, acknowledged);
    const last = answer.entries.at(-1)?.key;
    if (!answer.hasMore || last === undefined) {
      return { kind: 'read', lost: acknowledged.total - found, revision };
    }
    from = `${last}\0`;
  }
}

async function readPage(
  api: KeyValueApi,
  clientUrls: readonly string[],
  request: PageRequest,
  signal: AbortSignal,
): Promise<Page | { readonly why: string }> {
  let why = 'no member serves';
  for (let attempt = 0; attempt < TRIES_MAX && !signal.aborted; attempt++) {
    const clientUrl = clientUrls[attempt % Math.max(1, clientUrls.length)];
    if (clientUrl === undefined) {
      return { why };
    }
    const answer = await api.readPage(clientUrl, request, signal);
    if (answer.kind === 'answered') {
      return answer.page;
    }
    ({ why } = answer);
    await pause(RETRY_PAUSE_MS, signal);
  }
  return { why };
}

function countFound(page: Page, acknowledged: NumberRanges): number {
  let found = 0;
  for (const { key, value } of page.entries) {
    const number = numberOf(key, value);
    if (number !== undefined && acknowledged.has(number)) {
      found += 1;
    }
  }
  return found;
}
