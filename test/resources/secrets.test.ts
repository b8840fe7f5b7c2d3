import assert from 'node:assert/strict';
import { it } from 'node:test';
import { blockToTry, namesOf, pathsOf } from '../../src/local/cluster-layout.ts';
import { agentCommand, etcdCommand } from '../../src/local/pod-commands.ts';
import { clusterObjects } from '../../src/resources/cluster-objects.ts';
import { aBlueprint, aWish } from './a-blueprint.ts';

const PASSWORD = 'correct-horse-battery-staple';

it('a password in the environment of a Pod stays there: no command, label or annotation repeats it', () => {
  const env = [
    { name: 'PASSWORD', value: PASSWORD },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'shop', key: 'token' } } },
  ];
  const objects = clusterObjects(aBlueprint({ podTemplate: { env } }), aWish());
  const found = objects.flatMap((object) => placesOf(object, PASSWORD, object.kind));
  assert.ok(found.length > 0, 'it was planted');
  for (const place of found) {
    assert.match(place, /^StatefulSet\.spec\.template\.spec\.(initC|c)ontainers\.\d+\.env\.\d+\.value$/);
  }
});

it('a local Pod is told nothing secret by its arguments, which everybody on the machine can read', () => {
  const block = blockToTry(0, 0);
  const template = {
    names: namesOf('demo', 'default', block),
    clusterUid: 'set-1',
    block,
    paths: pathsOf('/state'),
    etcdVersion: '3.6.16',
    etcdPath: '/bin/etcd',
    agentEntry: ['/quorate.cjs'],
    agentEnv: { PASSWORD },
    etcdOptions: {},
    apiUrl: 'http://127.64.0.2:16443',
    graceSeconds: 30,
    supervisorMark: '1:2:/state',
    environment: { PATH: '/bin', AWS_SECRET_ACCESS_KEY: PASSWORD },
  };
  for (const { file, args } of [agentCommand(template, 0, 'uid'), etcdCommand(template, 0)]) {
    assert.ok(![file, ...args].join(' ').includes(PASSWORD));
  }
});

/** Paths to every text in `value` that holds `needle`, names of fields included. */
function placesOf(value: unknown, needle: string, path: string): readonly string[] {
  if (typeof value === 'string') {
    return value.includes(needle) ? [path] : [];
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => [
        ...(name.includes(needle) ? [`${path} (name)`] : []),
        ...placesOf(each, needle, `${path}.${name}`),
      ])
    : [];
}
