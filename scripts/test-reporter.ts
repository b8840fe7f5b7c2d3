/**
 * A calm reporter for node:test: one line a file, failures in full where they happen and once more at the end,
 * one closing line that counts. The spec reporter prints every cell of every table. Of a long log often only the
 * end is kept, and a failure that nobody can read is a failure that nobody mends.
 */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

type Count = { passed: number; failed: number; skipped: number };
type Tally = { readonly total: Count; readonly files: Map<string, Count>; readonly failures: string[] };
type Outcome = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

/** How many failures are told once more: with more than these the first ones say enough. */
const RETOLD_MAX = 20;
/** Lines of each of them: its place, its message and the values that differ; the rest stands above. */
const RETOLD_LINES_MAX = 12;

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const tally: Tally = { total: emptyCount(), files: new Map(), failures: [] };
  for await (const event of source) {
    const line = lineFor(event, tally);
    if (line !== '') {
      yield line;
    }
  }
  yield retold(tally.failures);
  const { passed, failed, skipped } = tally.total;
  yield `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

function lineFor(event: TestEvent, tally: Tally): string {
  switch (event.type) {
    case 'test:pass':
    case 'test:fail':
      return countOutcome(event, tally);
    case 'test:stdout':
      return event.data.message;
    case 'test:summary':
      return event.data.file === undefined
        ? ''
        : fileLine(event.data.file, countOf(tally, event.data.file), event.data.duration_ms);
    case 'test:coverage':
      return coverageLine(event.data.summary.totals);
    default:
      return '';
  }
}

/** Suites only group tests, so they are not counted; one that fails of itself is shown all the same. */
function countOutcome(event: Outcome, tally: Tally): string {
  const { data } = event;
  if (data.details.type !== 'suite') {
    const outcome = data.skip !== undefined ? 'skipped' : event.type === 'test:pass' ? 'passed' : 'failed';
    countOf(tally, data.file ?? '')[outcome] += 1;
    tally.total[outcome] += 1;
  }
  if (event.type === 'test:pass') {
    return '';
  }
  const { error } = event.data.details;
  const failure = `✗ ${place(data.file, data.line)} ${data.name}\n${indent(inspect(error.cause ?? error, { depth: 6 }))}\n`;
  // A suite that fails by its tests has nothing to add to what they say.
  if (!('failureType' in error && error.failureType === 'subtestsFailed')) {
    tally.failures.push(failure);
  }
  return failure;
}

function retold(failures: readonly string[]): string {
  const shown = failures.slice(0, RETOLD_MAX).map((failure) => {
    const lines = failure.trimEnd().split('\n');
    return lines.length <= RETOLD_LINES_MAX
      ? failure
      : `${lines.slice(0, RETOLD_LINES_MAX).join('\n')}\n    …\n`;
  });
  return shown.length === 0 ? '' : `\nWhat failed, once more:\n${shown.join('')}`;
}

function countOf(tally: Tally, file: string): Count {
  const count = tally.files.get(file) ?? emptyCount();
  tally.files.set(file, count);
  return count;
}

function emptyCount(): Count {
  return { passed: 0, failed: 0, skipped: 0 };
}

function fileLine(file: string, count: Count, durationMs: number): string {
  const mark = count.failed > 0 ? '✗' : '✓';
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  // Tests made by an imported table are counted where the table stands, which has no line of its own.
  const counted = count.passed > 0 ? `: ${count.passed} passed${skipped}` : '';
  return `${mark} ${place(file)}${counted} (${(durationMs / 1000).toFixed(1)} s)\n`;
}

function coverageLine(totals: { coveredLinePercent: number; coveredFunctionPercent: number }): string {
  return `coverage of src: ${totals.coveredLinePercent.toFixed(1)} % of lines, ${totals.coveredFunctionPercent.toFixed(1)} % of functions\n`;
}

function place(file: string | undefined, line?: number): string {
  const path = file === undefined ? '' : relative(process.cwd(), file);
  return line === undefined ? path : `${path}:${line}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
