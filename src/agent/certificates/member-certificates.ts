import type { AgentStatus } from '../../model/agent-status.ts';
import { type CertificatesFinding, SIDES, type Side } from '../../model/certificates.ts';
import { readCertificate } from '../../pki/read-certificate.ts';
import type { MountedTls } from '../../pki/tls-folder.ts';
import { TlsWatch } from '../../pki/tls-watch.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TlsMaterial } from '../../runtime/tls-material.ts';
import { readStartedNote, type StartedNote, writeStartedNote } from './started-note.ts';
import type { TlsSettings } from './tls-settings.ts';

export type MemberCertificatesOptions = {
  readonly settings: TlsSettings;
  /** Where it is noted what etcd was started with. */
  readonly notePath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when other files have been read than before. */
  readonly onChange: () => void;
};

/** A kubelet brings new files within two minutes; longer waiting would be an outage of our own making. */
const TRUST_MS_MAX = 180_000;

/** The certificates of one member: read from where its Pod has them, taken up while everything runs. */
export class MemberCertificates {
  readonly #options: MemberCertificatesOptions;
  readonly #watches: ReadonlyMap<Side, TlsWatch>;
  readonly #unreadable = new Map<Side, string>();
  #started: StartedNote | undefined;
  #isNoteRead = false;
  #towardsEtcd: TlsMaterial | undefined;
  #firstLookMs: number | undefined;

  constructor(options: MemberCertificatesOptions) {
    this.#options = options;
    const { settings, clock, logger, onChange } = options;
    this.#watches = new Map(
      sidesOf(settings.folders).map(([side, folder]) => [
        side,
        new TlsWatch({
          folder,
          nowMs: () => clock.nowMs(),
          onChange: () => {
            this.#unreadable.delete(side);
            logger.info({ side, folder }, 'certificate taken up');
            onChange();
          },
          onUnreadable: (why) => {
            this.#unreadable.set(side, why);
            logger.warn({ side, folder }, `certificate not taken up: ${why}`);
          },
        }),
      ]),
    );
  }

  /** What is in use on `side`; undefined where nothing is encrypted or nothing usable was read yet. */
  materialOf(side: Side): MountedTls | undefined {
    return this.#watches.get(side)?.material;
  }

  /** What the agent shows to etcd, and whom it trusts there. The same object for as long as nothing changes. */
  get towardsEtcd(): TlsMaterial | undefined {
    const shown = this.materialOf('agent');
    const members = this.materialOf('client');
    if (shown === undefined || members === undefined) {
      return undefined;
    }
    const { authorities } = members;
    const known = this.#towardsEtcd;
    if (known?.certificate !== shown.certificate || known.authorities !== authorities) {
      this.#towardsEtcd = { certificate: shown.certificate, key: shown.key, authorities };
    }
    return this.#towardsEtcd;
  }

  /** Looks at all files that were not looked at lately, and says whether etcd can be started with them. */
  async look(signal: AbortSignal): Promise<CertificatesFinding> {
    if (this.#watches.size === 0) {
      return { kind: 'unused' };
    }
    this.#firstLookMs ??= this.#options.clock.nowMs();
    await Promise.all([...this.#watches.values()].map((watch) => watch.look(signal)));
    if (!this.#isNoteRead) {
      this.#started = await readStartedNote(this.#options.notePath, signal);
      this.#isNoteRead = true;
    }
    const missing = [...this.#watches.keys()].filter((side) => this.materialOf(side) === undefined);
    const [first] = missing;
    if (first !== undefined) {
      return { kind: 'unusable', why: this.#unreadable.get(first) ?? 'they were not read yet' };
    }
    return this.#isTrustAwaited()
      ? { kind: 'unusable', why: 'the authorities in the Pod are not yet those that it was made to trust' }
      : { kind: 'usable' };
  }

  /** To be called when etcd is let start: from then on it trusts what lies there now. */
  async noteStarted(): Promise<void> {
    if (this.#watches.size === 0) {
      return;
    }
    const client = this.materialOf('client')?.authoritiesDigest;
    const peer = this.materialOf('peer')?.authoritiesDigest;
    this.#started = { ...(client === undefined ? {} : { client }), ...(peer === undefined ? {} : { peer }) };
    await writeStartedNote(this.#options.notePath, this.#started);
  }

  /** For the status: what lies there, until when it is good, and what etcd trusts since its start. */
  status(): NonNullable<AgentStatus['certificates']> {
    return [...this.#watches.keys()].flatMap((side) => {
      const material = this.materialOf(side);
      const facts = material === undefined ? undefined : readCertificate(material.certificate);
      if (material === undefined || facts === undefined) {
        return [];
      }
      const loaded = side === 'agent' ? material.authoritiesDigest : this.#started?.[side];
      return [
        {
          side,
          certificate: material.certificateDigest,
          authorities: material.authoritiesDigest,
          loadedAuthorities: loaded ?? null,
          notAfter: new Date(facts.notAfterMs).toISOString(),
        },
      ];
    });
  }

  /** The first start in a Pod takes what the Pod was made for; later ones take what is there. */
  #isTrustAwaited(): boolean {
    const { settings, clock } = this.#options;
    const waitedMs = clock.nowMs() - (this.#firstLookMs ?? clock.nowMs());
    if (this.#started !== undefined || waitedMs >= TRUST_MS_MAX) {
      return false;
    }
    return (['client', 'peer'] as const).some((side) => {
      const [material, trust] = [this.materialOf(side), settings.trust[side]];
      return material !== undefined && trust !== undefined && material.authoritiesDigest !== trust;
    });
  }
}

function sidesOf(folders: TlsSettings['folders']): readonly (readonly [Side, string])[] {
  return SIDES.flatMap((side) => {
    const folder = folders[side];
    return folder === undefined ? [] : [[side, folder] as const];
  });
}
