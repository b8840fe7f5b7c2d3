import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { SECURITY_MODES } from '../../../scripts/e2e/e2e-settings.ts';
import type { RunFacts } from '../../../scripts/e2e/run-facts.ts';

const command = v.pipe(v.array(v.string()), v.minLength(1));
const factsSchema = v.object({
  run: v.string(),
  kubectl: v.string(),
  image: v.string(),
  program: v.string(),
  deployment: v.exactOptional(v.object({ namespace: v.string(), name: v.string() })),
  nodectl: v.exactOptional(command),
  restartApi: v.exactOptional(command),
  security: v.picklist(SECURITY_MODES),
  keep: v.boolean(),
  artefacts: v.string(),
});

/** What this run was told. @throws Error outside of a run */
export function readRunFacts(): RunFacts {
  const file = process.env['QUORATE_E2E_RUN'];
  if (file === undefined) {
    throw new Error('end-to-end tests need a set-up: run them by `make test-e2e` (scripts/e2e/run-e2e.ts)');
  }
  return v.parse(factsSchema, JSON.parse(readFileSync(file, 'utf8')));
}
