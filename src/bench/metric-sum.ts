/**
 * The sum of all series of the metric `name` in an exposition in Prometheus' text format 0.0.4; 0 when there
 * is none, since a counter with labels has no series before it first counts.
 */
export function metricSumIn(exposition: string, name: string): number {
  let sum = 0;
  for (const line of exposition.split('\n')) {
    const match = LINE.exec(line);
    if (match?.[1] === name) {
      sum += Number(match[2]);
    }
  }
  return sum;
}

/** Name, labels if any, value, and perhaps a time stamp. Label values here hold no closing brace. */
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{[^}]*\})?\s+(\S+)(?:\s+\d+)?$/;
