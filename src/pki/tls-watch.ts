import { type MountedTls, readTlsFolder, type TlsReading } from './tls-folder.ts';

export type TlsWatchOptions = {
  readonly folder: string;
  readonly nowMs: () => number;
  /** Called whenever other files have been read than before. */
  readonly onChange: (material: MountedTls) => void;
  /** Called when files cannot be used; what was read before stays in use. */
  readonly onUnreadable: (why: string) => void;
};

/** Files are looked at this often at most; a kubelet takes up to two minutes to bring new ones. */
const LOOK_MS = 2_000;

/** A mounted Secret: its files as they were last read, and read again when they are asked for and old. */
export class TlsWatch {
  readonly #options: TlsWatchOptions;
  #last: { readonly reading: TlsReading; readonly atMs: number } | undefined;
  #material: MountedTls | undefined;

  constructor(options: TlsWatchOptions) {
    this.#options = options;
  }

  /** What is in use; undefined until something usable was read. */
  get material(): MountedTls | undefined {
    return this.#material;
  }

  /** Looks at the files unless they were looked at lately, and says what is in use now. */
  async look(signal: AbortSignal): Promise<MountedTls | undefined> {
    const { folder, nowMs } = this.#options;
    if (this.#last === undefined || nowMs() - this.#last.atMs >= LOOK_MS) {
      this.#take(await readTlsFolder(folder, signal), nowMs());
    }
    return this.#material;
  }

  #take(reading: TlsReading, atMs: number): void {
    const before = this.#last?.reading;
    this.#last = { reading, atMs };
    if (reading.kind === 'unreadable') {
      if (before?.kind !== 'unreadable' || before.why !== reading.why) {
        this.#options.onUnreadable(reading.why);
      }
      return;
    }
    const { material } = reading;
    const known = this.#material;
    // The same object for as long as the files are: connections are kept by it.
    if (
      known?.certificateDigest !== material.certificateDigest ||
      known.authoritiesDigest !== material.authoritiesDigest
    ) {
      this.#material = material;
      this.#options.onChange(material);
    }
  }
}
