/** A reporter for tests of minutes: a line for each, with its time and what it measured; failures in full. */
import { appendFileSync } from 'node:fs';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

type Outcome = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of source) {
    if ((event.type === 'test:pass' || event.type === 'test:fail') && !isFileWithoutTests(event)) {
      count[outcomeOf(event)] += 1;
      const line = lineOf(event);
      keepFailure(event, line);
      yield line;
    } else if (event.type === 'test:diagnostic' && event.data.file !== undefined) {
      yield `    ${event.data.message}\n`;
    } else if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      yield event.data.message;
    }
  }
  yield `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`;
}

/** Told once more when all is over: what is read of a long run is its end. */
function keepFailure({ type }: Outcome, line: string): void {
  const file = process.env['QUORATE_E2E_FAILURES'];
  if (type === 'test:fail' && file !== undefined) {
    appendFileSync(file, line);
  }
}

/** A file stands for itself when it registers nothing, since what it needs is not there; its failure is one. */
function isFileWithoutTests({ type, data }: Outcome): boolean {
  return type === 'test:pass' && data.name.endsWith('.test.ts');
}

function outcomeOf({ type, data }: Outcome): 'passed' | 'failed' | 'skipped' {
  if (data.skip !== undefined) {
    return 'skipped';
  }
  return type === 'test:pass' ? 'passed' : 'failed';
}

function lineOf(event: Outcome): string {
  const { data } = event;
  const seconds = (data.details.duration_ms / 1000).toFixed(1);
  if (event.type === 'test:pass') {
    return `${data.skip === undefined ? '✓' : '-'} ${data.name} (${seconds} s)\n`;
  }
  const { error } = event.data.details;
  const text = inspect(error.cause ?? error, { depth: 4 }).replaceAll(/^/gm, '    ');
  return `✗ ${data.name} (${seconds} s)\n${text}\n`;
}
