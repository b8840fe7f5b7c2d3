import { randomBytes } from 'node:crypto';
import { type EtcdId, etcdIdOfHex, quorumOf } from '../../src/model/member.ts';

export type PlayedMember = {
  readonly id: EtcdId;
  /** Of its Pod. */
  readonly name: string;
  role: 'Unstarted' | 'Learner' | 'Voter';
};

/**
 * One etcd cluster, as far as anybody sees it from outside: who is a member, whose process runs, who leads. It
 * is in the members' data, so it outlives every Pod and every object of Kubernetes but the volumes.
 */
export class PlayedEtcd {
  readonly clusterId: EtcdId;
  readonly #members = new Map<EtcdId, PlayedMember>();
  readonly #running = new Set<EtcdId>();
  #leaderId: EtcdId | undefined;
  #term = 1;

  /** A cluster that the member called `seed` has formed, and nobody runs yet. */
  constructor(seed: string) {
    this.clusterId = anEtcdId();
    this.add(seed).role = 'Voter';
  }

  get members(): readonly PlayedMember[] {
    return [...this.#members.values()];
  }

  get leaderId(): EtcdId | undefined {
    return this.#leaderId;
  }

  get term(): number {
    return this.#term;
  }

  member(id: EtcdId | undefined): PlayedMember | undefined {
    return id === undefined ? undefined : this.#members.get(id);
  }

  named(name: string): PlayedMember | undefined {
    return this.members.find((member) => member.name === name);
  }

  hasQuorum(): boolean {
    const voters = this.members.filter(({ role }) => role === 'Voter');
    return voters.filter(({ id }) => this.#running.has(id)).length >= quorumOf(voters.length);
  }

  /** Registers a learner that has yet to start. */
  add(name: string): PlayedMember {
    const member: PlayedMember = { id: anEtcdId(), name, role: 'Unstarted' };
    this.#members.set(member.id, member);
    return member;
  }

  start(id: EtcdId): void {
    const member = this.#members.get(id);
    if (member?.role === 'Unstarted') {
      member.role = 'Learner';
    }
    this.#running.add(id);
    this.#elect();
  }

  /** The process of this member ends; one that leads has handed over, if there is anybody. */
  stop(id: EtcdId): void {
    this.#running.delete(id);
    this.#elect();
  }

  promote(id: EtcdId): void {
    const member = this.#members.get(id);
    if (member !== undefined) {
      member.role = 'Voter';
    }
    this.#elect();
  }

  remove(id: EtcdId | undefined): void {
    if (id !== undefined) {
      this.#members.delete(id);
      this.#running.delete(id);
    }
    this.#elect();
  }

  /** Leadership goes to this member. */
  moveLeader(name: string): void {
    this.#leaderId = this.named(name)?.id;
    this.#term += 1;
  }

  #elect(): void {
    const hasLeader = this.#leaderId !== undefined && this.#running.has(this.#leaderId);
    if (hasLeader && this.hasQuorum()) {
      return;
    }
    const next = this.members.find(({ id, role }) => role === 'Voter' && this.#running.has(id));
    this.#leaderId = this.hasQuorum() ? next?.id : undefined;
    this.#term += this.#leaderId === undefined ? 0 : 1;
  }
}

/** Random, as etcd's are to whoever looks at them. */
function anEtcdId(): EtcdId {
  const id = etcdIdOfHex(randomBytes(8).toString('hex').replace(/^0/, 'a'));
  if (id === undefined) {
    throw new Error('zero is no ID');
  }
  return id;
}
