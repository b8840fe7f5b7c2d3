import type { Fault, FaultKind } from './fault.ts';
import type { Prng } from './prng.ts';

/** What may be drawn: one kind of fault, or an edit that is soon taken back. */
export type PlanKind = FaultKind | 'edit-and-back';

const LASTING_MS = [300, 1_500, 4_000, 9_000, 20_000] as const;

/** A fault of `kind` at `atMs`, its details by chance; two for an edit that is taken back. */
export function faultsOf(
  random: Prng,
  kind: PlanKind,
  atMs: number,
  { sizes, ordinals }: { readonly sizes: readonly number[]; readonly ordinals: readonly number[] },
): readonly Fault[] {
  const ordinal = random.pick(ordinals);
  const forMs = random.pick(LASTING_MS);
  switch (kind) {
    case 'edit-and-back': {
      const laterMs = atMs + random.pick([50, 400, 1_500, 4_000]);
      return [
        { atMs, kind: 'scale', replicas: random.pick(sizes) },
        { atMs: laterMs, kind: 'scale', replicas: random.pick(sizes) },
      ];
    }
    case 'scale':
      return [{ atMs, kind, replicas: random.pick(sizes) }];
    case 'delete-set':
    case 'delete-all-pods':
      return [{ atMs, kind }];
    case 'recreate':
      return [{ atMs, kind, record: random.pick(['Unformed', 'Blocked']) }];
    case 'kill-etcd':
    case 'kill-agent':
    case 'kill-leader':
    case 'inactive-peer':
    case 'delete-pod':
    case 'damage-marker':
      return [{ atMs, ordinal, kind }];
    case 'force-delete':
      return [{ atMs, ordinal, forMs, kind, volume: random.pick(['kept', 'shared', 'lost']) }];
    case 'lose-disk':
      return [{ atMs, ordinal, kind, how: random.pick(['new-volume', 'wiped', 'data-only']) }];
    case 'damage-data':
      return [{ atMs, ordinal, kind, damage: random.pick(['etcd-fails', 'unreadable', 'too-old']) }];
    case 'dns-astray':
      return [{ atMs, ordinal, forMs, kind, to: random.pick(ordinals) }];
    case 'split':
      return [{ atMs, forMs, kind, side: random.between(1, 511) }];
    case 'api-outage':
    case 'dns-outage':
    case 'record-deleted':
      return [{ atMs, forMs, kind }];
    case 'lost-answers':
      return [{ atMs, forMs, kind, probability: random.pick([0.2, 0.6]) }];
    case 'stale-api':
      return [{ atMs, forMs, kind, staleMs: random.pick([500, 3_000]) }];
    case 'agent-crashes':
      return [{ atMs, forMs, kind, probability: random.pick([0.01, 0.05]) }];
    default:
      return [{ atMs, ordinal, forMs, kind }];
  }
}
