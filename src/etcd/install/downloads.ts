import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';

/** Files below one URL. Both methods throw when a file does not arrive whole, in time and within its bound. */
export type Downloads = AsyncDisposable & {
  /** The file's text. */
  read(path: string, bytesMax: number): Promise<string>;
  /** Writes the file to `target`, which must not exist; its SHA-256 in hexadecimal. */
  save(path: string, target: string, bytesMax: number): Promise<string>;
};

/** For all files together: 30 MB within it is 0.4 Mbit/s. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** A server silent for so long will not go on. */
const SILENCE_MS_MAX = 30_000;

/**
 * Downloads from below `baseUrl`, following redirects, through the proxy that `environment` names in
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY (or their lower-case forms).
 */
export function openDownloads(
  baseUrl: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Downloads {
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '',
    httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '',
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    connect: { timeout: SILENCE_MS_MAX },
    headersTimeout: SILENCE_MS_MAX,
    bodyTimeout: SILENCE_MS_MAX,
  });
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  async function* chunksOf(path: string, bytesMax: number): AsyncGenerator<Uint8Array> {
    const response = await fetch(`${baseUrl}/${path}`, { dispatcher, signal: inTime });
    if (!response.ok || response.body === null) {
      throw new Error(`${response.url} answers ${response.status}`);
    }
    let bytes = 0;
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) {
        throw new Error(`${response.url} is larger than ${bytesMax} bytes`);
      }
      yield chunk;
    }
  }
  return {
    read: async (path, bytesMax) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of chunksOf(path, bytesMax)) {
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    save: async (path, target, bytesMax) => {
      const hash = createHash('sha256');
      await using file = await open(target, 'wx');
      for await (const chunk of chunksOf(path, bytesMax)) {
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      return hash.digest('hex');
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}
