import { readFileSync } from 'node:fs';
import { type ClusterPaths, CONTAINERS } from '../../../src/local/cluster-layout.ts';
import { ORDINAL_MAX } from '../../../src/model/naming.ts';
import type { Journal } from './journal.ts';

const AGENT_LINES = 14;
const ETCD_LINES = 8;
const LINE_CHARS_MAX = 320;
const EVENTS = 12;

/** How things stand, for a failed test: each member's last word, and the ends of its logs. */
export function describeCluster(journal: Journal, paths: ClusterPaths | undefined): string {
  const parts = [
    `events: ${journal.events
      .slice(-EVENTS)
      .map((event) => JSON.stringify(event))
      .join('\n        ')}`,
  ];
  for (let ordinal = 0; ordinal <= ORDINAL_MAX; ordinal++) {
    const status = journal.statuses.get(ordinal);
    const tails =
      paths === undefined ? [] : CONTAINERS.map((name) => tailOf(paths.logOf(ordinal, name), name));
    if (status !== undefined || tails.some((tail) => tail !== '')) {
      const word = status === undefined ? 'silent' : `${status.decision.kind} ${status.decision.reason}`;
      parts.push(`member ${ordinal}: ${word}: ${status?.decision.message ?? ''}`, ...tails);
    }
  }
  return parts.join('\n');
}

function tailOf(path: string, name: 'agent' | 'etcd'): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return '';
  }
  const lines = text.trimEnd().split('\n');
  const interesting = name === 'agent' ? lines : lines.filter((line) => !line.includes('"level":"info"'));
  return interesting
    .slice(name === 'agent' ? -AGENT_LINES : -ETCD_LINES)
    .map((line) => `  ${name}: ${line.slice(0, LINE_CHARS_MAX)}`)
    .join('\n');
}
