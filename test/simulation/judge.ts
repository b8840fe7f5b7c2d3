/**
 * Judges what happens, at the very step in which it happens. Agents act on what was true when they looked,
 * so a judgement allows what was true at any instant since then.
 */
import { broken } from './invariant.ts';
import { judgeAct, judgeCall, judgeDecision } from './judge-agent.ts';
import { judgeIdentity, judgePruning, judgeRecord, judgeSetAside, judgeStart } from './judge-data.ts';
import { judgeChange, judgeElection } from './judge-membership.ts';
import { isCurrent } from './kubelet.ts';
import { podOfAddress, type World, type WorldFact } from './world.ts';

/** Judges one thing that happened. @throws {InvariantBroken} */
export function judgeFact(world: World, fact: WorldFact): void {
  switch (fact.kind) {
    case 'elected':
      judgeElection(world, fact.proc);
      return;
    case 'applied-elsewhere':
      if (!world.isLossAllowed) {
        broken('writesSurvive', `entry ${fact.position} was committed twice, now by m${fact.proc.ordinal}`);
      }
      return;
    case 'changed':
      judgeChange(world, fact);
      return;
    case 'started':
      judgeStart(world, fact);
      return;
    case 'joined':
      judgeIdentity(world, fact);
      return;
    case 'called':
      judgeCall(fact);
      return;
    case 'acted':
      judgeAct(world, fact);
      return;
    case 'set-aside':
      judgeSetAside(world, fact);
      return;
    case 'pruned':
      judgePruning(world, fact);
      return;
    case 'record':
      judgeRecord(world, fact);
      return;
    case 'decided':
      judgeDecision(fact);
  }
}

/** What must hold of the world as it stands after any step. @throws {InvariantBroken} */
export function judgeState(world: World): void {
  const { record } = world.kube.api;
  if (record?.phase !== 'Formed') {
    return;
  }
  for (const proc of world.etcd.procs) {
    if (proc.dir.clusterId !== record.clusterId) {
      const pod = podOfAddress(world, proc.address);
      if (pod !== undefined && isCurrent(world, pod)) {
        broken('oneClusterId', `m${proc.ordinal} runs ${proc.dir.clusterId}, formed is ${record.clusterId}`);
      }
    }
  }
}
