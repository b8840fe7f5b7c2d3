/** The processes of a cluster of bare etcds, and what is known of them without asking. */
import { randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { checkMemberPorts, claimBlock } from '../local/claim-block.ts';
import { namesOf } from '../local/cluster-layout.ts';
import { clientUrlOf, peerUrlOf } from '../model/naming.ts';
import { pause } from '../runtime/abort.ts';
import { type BareEtcd, type BareGround, type BareStart, startBareEtcd, wipeBareEtcd } from './bare-etcd.ts';
import type { BenchGround } from './bench-ground.ts';
import { type EtcdAccess, openEtcdAccess } from './etcd-access.ts';

/** A starting etcd listens after some tens of ms; asking one that refuses costs little. */
const LOOK_MS = 5;

const SEED_END = 2 ** 32;

/** A cluster of no members at addresses of its own. */
export async function newBareCluster(ground: BenchGround): Promise<BareCluster> {
  const clusterFolder = mkdtempSync(join(ground.folder, 'bare-'));
  const { block } = await claimBlock(randomInt(SEED_END), checkMemberPorts);
  return new BareCluster({ ...ground, clusterFolder, names: namesOf('bare', 'bench', block) });
}

export class BareCluster {
  readonly ground: BareGround;
  readonly access: EtcdAccess = openEtcdAccess();
  readonly #running = new Map<number, BareEtcd>();
  /** Ordinals of the members that a Service would send clients to. */
  #serving: readonly number[] = [];
  readonly #killAll = (): void => {
    for (const etcd of this.#running.values()) {
      etcd.kill();
    }
  };

  constructor(ground: BareGround) {
    this.ground = ground;
    // Whatever way this process ends, short of SIGKILL, it takes its children along.
    process.once('exit', this.#killAll);
  }

  get names(): BareGround['names'] {
    return this.ground.names;
  }

  /** The ordinals of those that run, lowest first. */
  get ordinals(): readonly number[] {
    return [...this.#running.keys()].sort((a, b) => a - b);
  }

  get endpoints(): readonly string[] {
    return this.#serving.map((ordinal) => clientUrlOf(this.names, ordinal));
  }

  /** From now on clients go to these. */
  serve(ordinals: readonly number[]): void {
    this.#serving = [...ordinals].sort((a, b) => a - b);
  }

  start(start: BareStart): void {
    this.#running.set(start.ordinal, startBareEtcd(this.ground, start));
  }

  /** Starts etcd and resolves once it answers GET /version on its peer port, as later starts want it to. */
  async startAndHear(start: BareStart, signal: AbortSignal): Promise<void> {
    this.start(start);
    const peerUrl = peerUrlOf(this.names, start.ordinal);
    await this.#until(
      async () => (await this.access.peers.contact(peerUrl, signal)).kind === 'answers',
      signal,
    );
  }

  /** Resolves once the client port of `ordinal` is open, which it is once a leader has been heard. */
  async untilOpen(ordinal: number, signal: AbortSignal): Promise<void> {
    const clientUrl = clientUrlOf(this.names, ordinal);
    // The same question as to a peer port: etcd answers GET /version on both.
    await this.#until(
      async () => (await this.access.peers.contact(clientUrl, signal)).kind === 'answers',
      signal,
    );
  }

  async end(ordinal: number, how: NodeJS.Signals): Promise<void> {
    const etcd = this.#running.get(ordinal);
    this.#running.delete(ordinal);
    await etcd?.end(how);
  }

  /** Kills the member, and its disk is empty. */
  async lose(ordinal: number): Promise<void> {
    await this.end(ordinal, 'SIGKILL');
    await wipeBareEtcd(this.ground, ordinal);
  }

  /** Kills all; safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(this.ordinals.map((ordinal) => this.lose(ordinal)));
    process.removeListener('exit', this.#killAll);
    await this.access.close();
  }

  async #until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!(await condition())) {
      signal.throwIfAborted();
      await pause(LOOK_MS, signal);
    }
  }
}
