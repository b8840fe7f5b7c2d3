import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseWatchLine } from '../../src/kube/watch-line.ts';
import { aLiveObject, aStatus } from '../support/scripted-api-server.ts';

const line = (type: string, object: unknown): string => JSON.stringify({ type, object });

describe('parseWatchLine', () => {
  it('reads changes of objects', () => {
    const object = aLiveObject('a', 7);
    assert.deepEqual(parseWatchLine(line('ADDED', object)), { kind: 'added', object });
    assert.deepEqual(parseWatchLine(line('MODIFIED', object)), { kind: 'modified', object });
    assert.deepEqual(parseWatchLine(line('DELETED', object)), { kind: 'deleted', object });
  });

  it('reads a bookmark, whose object is nothing but a version', () => {
    const bookmark = { kind: 'Pod', metadata: { resourceVersion: '12', creationTimestamp: null } };
    assert.deepEqual(parseWatchLine(line('BOOKMARK', bookmark)), { kind: 'bookmark', resourceVersion: '12' });
  });

  it('reads what the server says when it can go on no longer', () => {
    assert.deepEqual(parseWatchLine(line('ERROR', aStatus(410, 'Expired', 'too old'))), {
      kind: 'ended',
      how: { kind: 'gone', message: 'too old' },
    });
    assert.deepEqual(parseWatchLine(line('ERROR', aStatus(500, 'InternalError', 'oh'))), {
      kind: 'ended',
      how: { kind: 'unknown', why: 'oh (500 InternalError)' },
    });
  });

  it('ends on what makes no sense, and never throws', () => {
    const event = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ type: fc.constantFrom('ADDED', 'BOOKMARK', 'ERROR', 'WHAT'), object: fc.jsonValue() })
        .map((each) => JSON.stringify(each)),
    );
    fc.assert(
      fc.property(event, (text) => {
        assert.equal(parseWatchLine(text).kind, 'ended');
      }),
    );
  });
});
