import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricSumIn } from '../../src/bench/metric-sum.ts';

const EXPOSITION = `# HELP calls_total Calls made.
# TYPE calls_total counter
calls_total{method="GET",answered="yes"} 3
calls_total{method="PUT",answered="no"} 2 1700000000000
calls_total_of_others 100
memory_bytes 8.25e+07
`;

test('sums all series of a metric, with and without a time stamp', () => {
  assert.equal(metricSumIn(EXPOSITION, 'calls_total'), 5);
});

test('reads a metric without labels', () => {
  assert.equal(metricSumIn(EXPOSITION, 'memory_bytes'), 82_500_000);
});

test('a counter that has not counted yet is 0', () => {
  assert.equal(metricSumIn(EXPOSITION, 'calls'), 0);
});
