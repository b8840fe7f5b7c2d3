import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathsOf } from '../../../src/local/cluster-layout.ts';
import type { Scenario } from './a-cluster.ts';

/** Takes away what Kubernetes knew of the stopped cluster; its volumes stay. */
export function forgetCluster(scenario: Scenario): void {
  const { clusterFile, apiFile } = pathsOf(scenario.folder);
  rmSync(clusterFile);
  rmSync(apiFile);
}

/** What was put aside on the volume of `ordinal`, oldest first. */
export function quarantined(scenario: Scenario, ordinal: number): readonly string[] {
  const folder = join(pathsOf(scenario.folder).volumeOf(ordinal), 'quarantine');
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}
