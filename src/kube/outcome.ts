import * as v from 'valibot';
import { errorText } from '../runtime/error-text.ts';
import type { ApiAnswer } from './api-transport.ts';

/** Why something was not done. Expected refusals are values: nobody has to catch them. */
export type Failure =
  /** The API server's own word that the object is not there; a proxy's 404 does not count. */
  | { readonly kind: 'not-found'; readonly message: string }
  /** A precondition, another field manager, or a name that is taken (`AlreadyExists`). Nothing was done. */
  | { readonly kind: 'conflict'; readonly reason: string; readonly message: string }
  /** 410: this resourceVersion or page is too old. */
  | { readonly kind: 'gone'; readonly message: string }
  /** Any other 4xx. Nothing was done. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: string;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  /** No answer, or a 5xx: it may or may not have been done. */
  | { readonly kind: 'unknown'; readonly why: string; readonly retryAfterMs?: number };

export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | Failure;

/** What becomes of an answer whose body, if it is a 2xx, is `read`; `read` gives undefined for nonsense. */
export function outcomeOf<T>(answer: ApiAnswer, read: (json: unknown) => T | undefined): Outcome<T> {
  if (answer.kind === 'unknown') {
    return answer;
  }
  const json = parseJson(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    const value = json.isJson ? read(json.value) : undefined;
    return value === undefined
      ? { kind: 'unknown', why: `the API server answered ${answer.status} with something unreadable` }
      : { kind: 'done', value };
  }
  return failureOf(answer.status, json.isJson ? json.value : undefined, answer.retryAfterMs);
}

/** What a status code and the API server's explanation (meta/v1 Status), if it is one, mean to us. */
export function failureOf(code: number, explanation: unknown, retryAfterMs?: number): Failure {
  const parsed = v.safeParse(statusSchema, explanation);
  const status = parsed.success ? parsed.output : undefined;
  const reason = status?.reason ?? '';
  const message = status?.message ?? `the API server answered ${code}`;
  const askedMs = retryAfterMs ?? secondsToMs(status?.details?.retryAfterSeconds);
  const pace = askedMs === undefined ? {} : { retryAfterMs: askedMs };
  if (code === 404 && reason === 'NotFound') {
    return { kind: 'not-found', message };
  }
  if (code === 409) {
    return { kind: 'conflict', reason, message };
  }
  if (code === 410) {
    return { kind: 'gone', message };
  }
  return code >= 400 && code < 500
    ? { kind: 'refused', status: code, reason, message, ...pace }
    : { kind: 'unknown', why: `${message} (${code}${reason === '' ? '' : ` ${reason}`})`, ...pace };
}

/** A failure in one clause for people. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'unknown':
      return failure.why;
    case 'refused':
      return `${failure.message} (${failure.status}${failure.reason === '' ? '' : ` ${failure.reason}`})`;
    default:
      return failure.message;
  }
}

const statusSchema = v.object({
  kind: v.literal('Status'),
  reason: v.optional(v.string()),
  message: v.optional(v.string()),
  details: v.optional(v.object({ retryAfterSeconds: v.optional(v.number()) })),
});

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds <= 0 ? undefined : seconds * 1_000;
}

type Json = { readonly isJson: true; readonly value: unknown } | { readonly isJson: false; why: string };

function parseJson(text: string): Json {
  try {
    return { isJson: true, value: JSON.parse(text) };
  } catch (error) {
    return { isJson: false, why: errorText(error) };
  }
}
