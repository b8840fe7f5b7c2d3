import type { LiveObject } from '../../src/kube/kube-object.ts';
import type { ObjectReader, ObjectWriter, RecordKeeper, WatchEvent } from '../../src/kube/object-api.ts';
import type { Failure, Outcome } from '../../src/kube/outcome.ts';
import type { ResourceType } from '../../src/kube/resource-type.ts';

export type ObjectApi = ObjectReader & ObjectWriter & RecordKeeper;

/** One call to the API server, as it was made. */
export type ApiCall = {
  readonly verb: 'read' | 'list' | 'watch' | 'apply' | 'applyStatus' | 'remove' | 'create' | 'update';
  readonly kind: string;
  readonly namespace: string | undefined;
  /** Of one object; empty for lists and watches. */
  readonly name: string;
  /** What was sent, if anything. */
  readonly sent: unknown;
};

/** What becomes of a call: as usual; refused; carried out, and the answer lost; or an exception. */
export type Fate = 'pass' | 'cut' | 'lose' | 'throw';

/** An API whose calls are noted and can be tampered with, one by one. */
export type WatchedApi = {
  /** Its methods may be replaced. */
  readonly api: { -readonly [M in keyof ObjectApi]: ObjectApi[M] };
  /** Every call so far, in order. */
  readonly calls: readonly ApiCall[];
  /** Those that the caller had no right to. */
  readonly forbidden: readonly ApiCall[];
  /** Asked before each call. */
  fate: (call: ApiCall) => Fate;
  /** Told what watches tell, right before. */
  onEvent: (kind: string, event: WatchEvent) => void;
  /** From now on no watch tells anything of this kind; what would have been told follows with `catchUp`. */
  lag(kind: string): void;
  catchUp(kind: string): void;
  /** From now on nothing reaches the server, and nothing comes back: the process is dead. */
  cut(): void;
};

const FORBIDDEN = 403;
const CUT: Failure = { kind: 'unknown', why: 'the connection was cut' };

export function watchApi(api: ObjectApi): WatchedApi {
  const calls: ApiCall[] = [];
  const forbidden: ApiCall[] = [];
  const lags = new Map<string, PromiseWithResolvers<void>>();
  let isCut = false;
  const pass = async <T>(call: ApiCall, send: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    if (isCut) {
      return CUT;
    }
    calls.push(call);
    const fate = watched.fate(call);
    if (fate === 'throw') {
      throw new Error(`an exception at ${textOf(call)}`);
    }
    const outcome = fate === 'cut' ? CUT : await send();
    if (outcome.kind === 'refused' && outcome.status === FORBIDDEN && outcome.reason === 'Forbidden') {
      forbidden.push(call);
    }
    return fate === 'lose' || isCut ? CUT : outcome;
  };
  const one =
    <A extends readonly unknown[]>(
      verb: ApiCall['verb'],
      send: (type: ResourceType, ...rest: A) => Promise<Outcome<LiveObject>>,
    ) =>
    (type: ResourceType, ...rest: A): Promise<Outcome<LiveObject>> =>
      pass(callOf(verb, type, rest[0]), () => send(type, ...rest));
  const watched: WatchedApi = {
    calls,
    forbidden,
    fate: () => 'pass',
    onEvent: () => {},
    lag: (kind) => void lags.set(kind, lags.get(kind) ?? Promise.withResolvers()),
    catchUp: (kind) => {
      lags.get(kind)?.resolve();
      lags.delete(kind);
    },
    cut: () => {
      isCut = true;
    },
    api: {
      read: one('read', api.read),
      apply: one('apply', api.apply),
      applyStatus: one('applyStatus', api.applyStatus),
      create: one('create', api.create),
      update: one('update', api.update),
      list: (type, query, signal) => pass(callOf('list', type, query), () => api.list(type, query, signal)),
      remove: (type, name, options, signal) =>
        pass({ ...callOf('remove', type, name), sent: options }, () =>
          api.remove(type, name, options, signal),
        ),
      watch: (type, query, signal) => {
        calls.push(callOf('watch', type, query));
        return noted(api.watch(type, query, signal), async (event) => {
          if (event.kind === 'ended' && event.how.kind === 'refused') {
            forbidden.push(callOf('watch', type, query));
          }
          await lags.get(type.kind)?.promise;
          watched.onEvent(type.kind, event);
        });
      },
    },
  };
  return watched;
}

/** Such as `apply StatefulSet demo`. */
export function textOf({ verb, kind, name }: ApiCall): string {
  return `${verb} ${kind}${name === '' ? '' : ` ${name}`}`;
}

/** Whether the call was meant to change something. */
export function isWrite({ verb }: ApiCall): boolean {
  return verb !== 'read' && verb !== 'list' && verb !== 'watch';
}

/** The first argument says where: a name, a scope, or an object with its metadata. */
function callOf(verb: ApiCall['verb'], { kind }: ResourceType, where: unknown): ApiCall {
  const object = field(where, 'metadata');
  const place = object ?? where;
  const namespace = field(place, 'namespace');
  return {
    verb,
    kind,
    namespace: typeof namespace === 'string' ? namespace : undefined,
    name: String(field(place, 'name') ?? ''),
    sent: object === undefined ? undefined : where,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

async function* noted(
  events: AsyncIterable<WatchEvent>,
  note: (event: WatchEvent) => Promise<void>,
): AsyncGenerator<WatchEvent, void> {
  for await (const event of events) {
    await note(event);
    yield event;
  }
}
