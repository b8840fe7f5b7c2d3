/** `values.yaml` and the table of the chart's README, both made of the schema. */
import { stringify } from 'yaml';
import { type ChartEntry, valuesIn } from './values-schema.ts';

const LINE_CHARS_MAX = 110;
const HEADER = '# Generated from values.schema.json by `make manifests`; do not edit.\n';

/** Every value with its default, its description as a comment above it. */
export function valuesText(entries: readonly ChartEntry[]): string {
  return `${HEADER}\n${entries.map((entry) => entryText(entry, '')).join('\n')}`;
}

/** A table in Markdown with a row for each value. */
export function valuesTable(entries: readonly ChartEntry[]): string {
  const rows = valuesIn(entries).map(
    ({ path, description, default: value }) =>
      `| \`${path.join('.')}\` | \`${JSON.stringify(value)}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  return ['| value | default | what it is |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function entryText(entry: ChartEntry, indent: string): string {
  const name = entry.path.at(-1) ?? '';
  const comment = commentText(entry.description, indent);
  if ('entries' in entry) {
    const inner = entry.entries.map((each) => entryText(each, `${indent}  `));
    return `${comment}${indent}${name}:\n${inner.join('')}`;
  }
  const text = stringify({ [name]: entry.default }, { lineWidth: 0, compat: 'yaml-1.1' });
  return `${comment}${text.replaceAll(/^(?=.)/gm, indent)}`;
}

function commentText(text: string, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last === undefined || longer.length > LINE_CHARS_MAX) {
      lines.push(`${indent}# ${word}`);
    } else {
      lines[lines.length - 1] = longer;
    }
  }
  return `${lines.join('\n')}\n`;
}
