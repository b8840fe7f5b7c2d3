import assert from 'node:assert/strict';
import { formationNameOf } from '../../../src/local/cluster-layout.ts';
import type { Scenario } from './a-cluster.ts';

/** The text of the formation record as the API has it; undefined when it has none. */
export async function readFormation(scenario: Scenario): Promise<string | undefined> {
  const response = await fetch(urlOf(scenario));
  assert.equal(response.status, 200);
  const json: unknown = await response.json();
  const data = typeof json === 'object' && json !== null && 'data' in json ? json.data : undefined;
  const record = typeof data === 'object' && data !== null && 'record' in data ? data.record : undefined;
  return typeof record === 'string' ? record : undefined;
}

/** Replaces the formation record, as a person with kubectl would; undefined takes it away. */
export async function writeFormation(scenario: Scenario, text: string | undefined): Promise<void> {
  const response = await fetch(urlOf(scenario), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: {}, data: text === undefined ? {} : { record: text } }),
  });
  assert.equal(response.status, 200);
}

function urlOf(scenario: Scenario): string {
  const { apiUrl, names } = scenario.local().template;
  return `${apiUrl}/api/v1/namespaces/${names.namespace}/configmaps/${formationNameOf(names.cluster)}`;
}
