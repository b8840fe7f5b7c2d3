import type { Decision } from '../model/decision.ts';
import type { EtcdStatus } from '../model/local-etcd.ts';
import { CONVERTS_MINOR, UNREADABLE_SINCE_MINOR } from '../model/log-tail.ts';
import type { Marker } from '../model/marker.ts';
import type { MemberView } from '../model/member-view.ts';
import { markerOf } from './ownership.ts';

/** Notes once that the log will never have to be read through again under this minor. */
export function noteCleanLog(view: MemberView, status: EtcdStatus): Decision | undefined {
  const marker = markerOf(view);
  const { minor } = view.self.etcdVersion;
  if (marker?.released !== true || isNoted(view, marker) || !isProvenClean(view)) {
    return undefined;
  }
  const { volumeId: _kept, ...fields } = marker;
  return {
    kind: 'write-marker',
    stage: 'serving',
    reason: 'LogClean',
    message: `The log of member ${status.memberId} holds nothing that etcd 3.7 could not read; noting it on the volume.`,
    marker: { ...fields, logCleanFor: minor },
  };
}

/**
 * 3.7 serves, so it has read its log. Under 3.6 nothing old can come any more once this member itself has
 * applied a cluster version of 3.6, and the log was read after that.
 */
function isProvenClean({ self, log, clusterMinor }: MemberView): boolean {
  const { minor } = self.etcdVersion;
  return (
    minor >= UNREADABLE_SINCE_MINOR ||
    (minor === CONVERTS_MINOR &&
      (clusterMinor ?? 0) >= minor &&
      log.kind === 'read' &&
      log.lastV2Index === null)
  );
}

/** Whether the volume notes that under this minor its log need not be read through any more. */
export function isNoted(view: MemberView, marker: Marker | undefined): boolean {
  return (marker?.logCleanFor ?? 0) >= view.self.etcdVersion.minor;
}

/**
 * Whether a running voter has yet to note that its log is clean, for which it is read once more: entries that
 * were sent by members of 3.5 may have come since the start. On 3.7 it would not run otherwise.
 */
export function isLogToBeNoted(view: MemberView): boolean {
  const marker = markerOf(view);
  return (
    view.self.etcdVersion.minor === CONVERTS_MINOR &&
    view.etcd.kind === 'running' &&
    !view.etcd.status.isLearner &&
    marker?.released === true &&
    !isNoted(view, marker)
  );
}
