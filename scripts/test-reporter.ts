/**
 * A calm reporter for node:test: one line a file, failures in full, one closing line that counts. The
 * spec reporter prints every cell of every table.
 */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

type Count = { passed: number; failed: number; skipped: number };

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const files = new Map<string, Count>();
  for await (const event of source) {
    switch (event.type) {
      case 'test:pass':
      case 'test:fail': {
        const { data } = event;
        if (data.details.type === 'suite') {
          break;
        }
        const outcome =
          data.skip !== undefined ? 'skipped' : event.type === 'test:pass' ? 'passed' : 'failed';
        const count = countOf(files, data.file ?? 'unknown');
        count[outcome] += 1;
        total[outcome] += 1;
        if (event.type === 'test:fail') {
          yield `✗ ${place(data.file, data.line)} ${data.name}\n${indent(inspect(event.data.details.error.cause ?? event.data.details.error, { depth: 6 }))}\n`;
        }
        break;
      }
      case 'test:stdout':
        yield event.data.message;
        break;
      case 'test:summary':
        if (event.data.file !== undefined) {
          yield fileLine(event.data.file, countOf(files, event.data.file), event.data.duration_ms);
        }
        break;
      case 'test:coverage':
        yield coverageLine(event.data.summary.totals);
        break;
      default:
        break;
    }
  }
  yield `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`;
}

function countOf(files: Map<string, Count>, file: string): Count {
  const count = files.get(file) ?? { passed: 0, failed: 0, skipped: 0 };
  files.set(file, count);
  return count;
}

function fileLine(file: string, count: Count, durationMs: number): string {
  const mark = count.failed > 0 ? '✗' : '✓';
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  return `${mark} ${place(file)}: ${count.passed} passed${skipped} (${(durationMs / 1000).toFixed(1)} s)\n`;
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
