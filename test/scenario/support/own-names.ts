/**
 * A mount namespace in which /etc/resolv.conf names a server of ours, so that agents and etcd know their
 * peers by name, as on Kubernetes, and not by address. Only root can make one.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { claimLoopbackAddresses } from '../../support/loopback-address.ts';
import { temporaryFolder } from './a-cluster.ts';

const VARIABLE = 'QUORATE_SCENARIO_NAME_SERVER';

/** The address for the name server, on port 53; undefined outside of such a namespace. */
export const NAME_SERVER_ADDRESS: string | undefined = process.env[VARIABLE];

/** Why there can be none; false when there can. */
export const NO_OWN_NAMES: string | false =
  process.getuid?.() === 0 ? false : 'only root may give a process names of its own';

/** Runs the tests of `file` once more, in a namespace of their own; fails when one of them does. */
export async function runWithOwnNames(t: TestContext, file: string): Promise<void> {
  await using addresses = await claimLoopbackAddresses();
  const address = addresses.of(9);
  const resolvConf = join(temporaryFolder(t), 'resolv.conf');
  writeFileSync(resolvConf, `nameserver ${address}\noptions timeout:1 attempts:2\n`);
  const script = 'mount --bind "$1" /etc/resolv.conf && exec "$2" --test --test-reporter=spec "$3"';
  const { NODE_TEST_CONTEXT: _context, ...environment } = process.env;
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', resolvConf, process.execPath, file], {
    env: { ...environment, [VARIABLE]: address },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: t.signal,
  });
  const [said, complained, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  for (const line of said.split('\n').filter((each) => /^[✔✖﹣]/.test(each))) {
    t.diagnostic(line);
  }
  assert.equal(code, 0, `${said}\n${complained}`);
}
