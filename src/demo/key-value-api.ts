/** Writing and reading keys, as the writer of a tour does it: every call names the member it goes to. */
import type { EtcdId } from '../model/member.ts';

export type PutAnswer =
  | { readonly kind: 'acknowledged'; readonly clusterId: EtcdId }
  /** It may or may not have been carried out. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Part of a range, in the order of the keys. */
export type Page = {
  readonly entries: readonly { readonly key: string; readonly value: string }[];
  /** The store's revision when the page was read. */
  readonly revision: bigint;
  readonly hasMore: boolean;
};

export type PageAnswer =
  | { readonly kind: 'answered'; readonly page: Page }
  | { readonly kind: 'unknown'; readonly why: string };

export type PageRequest = {
  /** The first key and, exclusive, the end. */
  readonly from: string;
  readonly end: string;
  readonly limit: number;
  /** Reads the store as it was then; 0n as it is now. */
  readonly revision: bigint;
};

export type KeyValueApi = {
  put(clientUrl: string, key: string, value: string, signal: AbortSignal): Promise<PutAnswer>;
  /** Linearizable: a quorum confirms that nothing acknowledged is missing. */
  readPage(clientUrl: string, request: PageRequest, signal: AbortSignal): Promise<PageAnswer>;
};
