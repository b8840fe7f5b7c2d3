import assert from 'node:assert/strict';
import { it } from 'node:test';
import { answerCache, CACHE_ENTRIES_MAX, CACHE_TTL_MS_MAX } from '../../src/dns/answer-cache.ts';

it('keeps an answer no longer than its own TTL', () => {
  const clock = { nowMs: 0 };
  const cache = answerCache<{ readonly ttlSeconds: number }>(() => clock.nowMs);
  const [brief, none, long] = [{ ttlSeconds: 0.5 }, { ttlSeconds: 0 }, { ttlSeconds: 86_400 }];
  cache.keep('brief', brief);
  cache.keep('none', none);
  cache.keep('long', long);
  assert.equal(cache.find('none'), undefined);
  clock.nowMs = 500;
  assert.equal(cache.find('brief'), undefined);
  assert.equal(cache.find('long'), long);
  clock.nowMs = CACHE_TTL_MS_MAX;
  assert.equal(cache.find('long'), undefined);
});

it('forgets an answer that a newer one, not to be kept, replaces', () => {
  const cache = answerCache<{ readonly ttlSeconds: number }>(() => 0);
  cache.keep('name', { ttlSeconds: 5 });
  cache.keep('name', { ttlSeconds: 0 });
  assert.equal(cache.find('name'), undefined);
});

it('forgets the oldest when it is full', () => {
  const cache = answerCache<{ readonly ttlSeconds: number }>(() => 0);
  for (let count = 0; count <= CACHE_ENTRIES_MAX; count++) {
    cache.keep(`name-${count}`, { ttlSeconds: 1 });
  }
  assert.equal(cache.find('name-0'), undefined);
  assert.notEqual(cache.find('name-1'), undefined);
  assert.notEqual(cache.find(`name-${CACHE_ENTRIES_MAX}`), undefined);
});
