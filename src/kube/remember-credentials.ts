import type { ApiCredentials, Credentials } from './api-credentials.ts';

export type RememberOptions<Config> = {
  /** Reads the configuration anew, forgetting whatever it remembered. */
  readonly load: () => Config;
  /** What a client of this configuration shows; may read files and run plugins, and may take long. */
  readonly show: (config: Config) => Promise<Credentials>;
  readonly nowMs: () => number;
};

/** Files and plugins are not asked for every call; kubelet renews a token long before the old one ends. */
const REMEMBERED_MS = 10_000;
/** However many calls are refused at once, the configuration is read anew once in this time. */
const RELOADED_MS = 2_000;
/** A plugin may wait for a person or a far-away server; one that takes longer is taken for stuck. */
const SHOWN_MS_MAX = 60_000;

/** Reads credentials rarely, and one reader at a time however many ask. */
export function rememberCredentials<Config>(options: RememberOptions<Config>): ApiCredentials['read'] {
  const { load, show, nowMs } = options;
  let config: Config | undefined;
  let loadedAtMs = Number.NEGATIVE_INFINITY;
  let latest: Reading | undefined;
  const start = (): Reading => {
    const reading: Reading = { credentials: ask(), untilMs: nowMs() + SHOWN_MS_MAX };
    reading.credentials.then(
      () => {
        reading.untilMs = nowMs() + REMEMBERED_MS;
      },
      () => {
        // Nothing was learned: the next one asks again.
        reading.untilMs = Number.NEGATIVE_INFINITY;
      },
    );
    return reading;
  };
  const ask = async (): Promise<Credentials> => {
    if (config === undefined) {
      config = load();
      loadedAtMs = nowMs();
    }
    return show(config);
  };
  return (after, signal) => {
    if (after === 'refusal' && nowMs() - loadedAtMs >= RELOADED_MS) {
      config = undefined;
      latest = undefined;
    }
    if (latest === undefined || nowMs() >= latest.untilMs) {
      latest = start();
    }
    return unlessAborted(latest.credentials, signal);
  };
}

type Reading = { readonly credentials: Promise<Credentials>; untilMs: number };

/** A plugin that hangs must not hold who asked; it is waited for by whoever asks next. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
