/** The requests of the table, made on a real API server. */
import assert from 'node:assert/strict';
import { KIND_RULES, type KindName } from '../../src/api/kind-rules.ts';
import { REQUEST_CASES, type RequestCase } from '../api/request-cases.ts';
import { type RealApiAnswer, type RealApiClient, valueAt } from '../support/real-api-server-client.ts';
import { anObject, create, messageOf, pathOf } from './own-objects.ts';

/** A case under a name of its own, so that all can be prepared at once. */
export type NamedCase = RequestCase & { readonly name: string };

export const NAMED_CASES: readonly NamedCase[] = REQUEST_CASES.map((each, index) => ({
  ...each,
  name: `case-${index}`,
}));

/** Makes whatever is to be changed or deleted, before anything refuses it. */
export async function prepareCases(api: RealApiClient): Promise<void> {
  for (const { kind, name, asked } of NAMED_CASES) {
    if (asked.before !== undefined) {
      const made = await create(api, anObject(kind, named(asked.before, name)));
      assert.equal(made.status, 201, messageOf(made));
    }
  }
}

/** Makes the request as a question, and compares the answer with what the table says. */
export async function assertVerdict(api: RealApiClient, each: NamedCase): Promise<void> {
  const answer = await ask(api, each);
  if (each.breaks === undefined) {
    assert.ok(answer.status < 300, messageOf(answer));
  } else {
    assert.equal(answer.status, 422, messageOf(answer));
    assertSays(answer, messageIn(each.kind, each.breaks));
  }
}

/** What comes before the rule's own words is who said it. */
export function assertSays(answer: RealApiAnswer, message: string): void {
  assert.equal(messageOf(answer).slice(-message.length), message);
}

/** What is said of a broken rule. */
export function messageIn(kind: KindName, breaks: string): string {
  const { rules, transitions, requests } = KIND_RULES[kind];
  const found = [...rules, ...transitions, ...requests].find(({ name }) => name === breaks);
  assert.ok(found !== undefined, breaks);
  return found.message;
}

async function ask(api: RealApiClient, { kind, name, asked, isScale }: NamedCase): Promise<RealApiAnswer> {
  const { next, before } = asked;
  if (before === undefined) {
    assert.ok(next !== undefined);
    return create(api, anObject(kind, named(next, name)), '?dryRun=All');
  }
  const path = pathOf(anObject(kind, named(before, name)));
  if (next === undefined) {
    return api.send('DELETE', `${path}?dryRun=All`);
  }
  if (isScale === true) {
    const scale = (await api.send('GET', `${path}/scale`)).body;
    const spec = { replicas: valueAt(next.spec, 'size') };
    return api.send('PUT', `${path}/scale?dryRun=All`, { ...Object(scale), spec });
  }
  const resourceVersion = valueAt((await api.send('GET', path)).body, 'metadata.resourceVersion');
  const { metadata, ...rest } = named(next, name);
  return api.send('PUT', `${path}?dryRun=All`, {
    ...anObject(kind, { metadata, ...rest }),
    metadata: { ...metadata, resourceVersion },
  });
}

function named<T extends { readonly metadata: object }>(object: T, name: string) {
  return { ...object, metadata: { ...object.metadata, name } };
}
