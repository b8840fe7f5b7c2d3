import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { downloadRelease } from '../../../src/etcd/install/download-release.ts';
import type { InstallDeps } from '../../../src/etcd/install/install-deps.ts';
import {
  anInstallFixture,
  aReleaseArchive,
  checksumLineOf,
  linesOf,
  serveFiles,
} from '../../support/fake-etcd-install.ts';
import { claimLoopbackAddresses } from '../../support/loopback-address.ts';

const NAME = 'etcd-v3.6.16-linux-amd64.tar.gz';
const ARCHIVE_PATH = `/v3.6.16/${NAME}`;
const CHECKSUMS_PATH = '/v3.6.16/SHA256SUMS';

async function refusalOf(deps: InstallDeps, t: TestContext): Promise<string> {
  const answer = await downloadRelease('3.6.16', deps, t.signal);
  assert.ok('refused' in answer);
  assert.deepEqual(await readdir(deps.cacheDirectory).catch(() => []), []);
  return answer.refused;
}

test('installs the archive whose checksum is published', async (t) => {
  const { deps, ...fixture } = await anInstallFixture(t);
  const archive = await aReleaseArchive({ deps, ...fixture }, '3.6.16');
  const checksums = `${'0'.repeat(64)}  etcd-v3.6.16-linux-arm64.tar.gz\n${checksumLineOf(archive, NAME)}`;
  const files = new Map([
    [ARCHIVE_PATH, archive],
    [CHECKSUMS_PATH, Buffer.from(checksums)],
  ]);
  const releaseBaseUrl = await serveFiles(t, files);
  const answer = await downloadRelease('3.6.16', { ...deps, releaseBaseUrl }, t.signal);
  assert.ok('etcd' in answer);
  assert.equal(answer.source, 'release');
  assert.deepEqual(await readdir(deps.cacheDirectory), ['3.6.16']);
  assert.deepEqual(await readdir(join(deps.cacheDirectory, '3.6.16')), ['etcd', 'etcdctl', 'etcdutl']);
  assert.deepEqual(linesOf(fixture.events), [
    `release step downloading ${NAME}`,
    `release step unpacking ${NAME}`,
  ]);
});

test('follows the redirects by which GitHub serves its archives', async (t) => {
  const fixture = await anInstallFixture(t);
  const archive = await aReleaseArchive(fixture, '3.6.16');
  const store = await serveFiles(t, new Map([['/blob', archive]]));
  const files = new Map<string, string | { readonly location: string }>([
    [ARCHIVE_PATH, { location: `${store}/blob` }],
    [CHECKSUMS_PATH, checksumLineOf(archive, NAME)],
  ]);
  const releaseBaseUrl = await serveFiles(t, files);
  const answer = await downloadRelease('3.6.16', { ...fixture.deps, releaseBaseUrl }, t.signal);
  assert.ok('etcd' in answer);
});

test('goes through the proxy that the environment names', async (t) => {
  const fixture = await anInstallFixture(t);
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.method} ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await new Promise((resolve) => proxy.once('listening', resolve));
  const address = proxy.address();
  assert.ok(typeof address === 'object' && address !== null);
  fixture.environment['HTTPS_PROXY'] = `http://127.0.0.1:${address.port}`;
  const deps = { ...fixture.deps, releaseBaseUrl: 'https://releases.invalid/etcd' };
  assert.match(await refusalOf(deps, t), /the download failed/);
  assert.deepEqual(asked, ['CONNECT releases.invalid:443']);
});

test('refuses an archive that is not what was published', async (t) => {
  const fixture = await anInstallFixture(t);
  const archive = await aReleaseArchive(fixture, '3.6.16');
  const checksums = checksumLineOf(Buffer.from('another'), NAME);
  const releaseBaseUrl = await serveFiles(
    t,
    new Map([
      [ARCHIVE_PATH, archive],
      [CHECKSUMS_PATH, Buffer.from(checksums)],
    ]),
  );
  assert.match(
    await refusalOf({ ...fixture.deps, releaseBaseUrl }, t),
    /^the SHA-256 of etcd-v3\.6\.16-linux-amd64\.tar\.gz is [0-9a-f]{64}, but [0-9a-f]{64} was published$/,
  );
});

test('refuses an archive that SHA256SUMS does not name', async (t) => {
  const fixture = await anInstallFixture(t);
  const archive = await aReleaseArchive(fixture, '3.6.16');
  const checksums = checksumLineOf(archive, `x${NAME}`);
  const releaseBaseUrl = await serveFiles(
    t,
    new Map([
      [ARCHIVE_PATH, archive],
      [CHECKSUMS_PATH, Buffer.from(checksums)],
    ]),
  );
  assert.equal(
    await refusalOf({ ...fixture.deps, releaseBaseUrl }, t),
    `SHA256SUMS of v3.6.16 does not name ${NAME}`,
  );
});

test('refuses a release that is not there', async (t) => {
  const fixture = await anInstallFixture(t);
  const releaseBaseUrl = await serveFiles(t, new Map());
  assert.equal(
    await refusalOf({ ...fixture.deps, releaseBaseUrl }, t),
    `the download failed: ${releaseBaseUrl}${CHECKSUMS_PATH} answers 404`,
  );
});

test('refuses when nobody answers', async (t) => {
  const { deps } = await anInstallFixture(t);
  await using addresses = await claimLoopbackAddresses();
  const releaseBaseUrl = `http://${addresses.of(0)}:2379`;
  assert.match(await refusalOf({ ...deps, releaseBaseUrl }, t), /^the download failed: connect ECONNREFUSED/);
});

test('refuses a checksum file beyond all bounds', async (t) => {
  const fixture = await anInstallFixture(t);
  const releaseBaseUrl = await serveFiles(t, new Map([[CHECKSUMS_PATH, Buffer.alloc(65 * 1024)]]));
  assert.match(
    await refusalOf({ ...fixture.deps, releaseBaseUrl }, t),
    /SHA256SUMS is larger than 65536 bytes/,
  );
});

test('refuses an archive that tar cannot unpack', async (t) => {
  const fixture = await anInstallFixture(t);
  const archive = Buffer.from('no archive at all');
  const checksums = Buffer.from(checksumLineOf(archive, NAME));
  const releaseBaseUrl = await serveFiles(
    t,
    new Map([
      [ARCHIVE_PATH, archive],
      [CHECKSUMS_PATH, checksums],
    ]),
  );
  assert.match(await refusalOf({ ...fixture.deps, releaseBaseUrl }, t), /^tar failed on the archive: /);
});

test('refuses programs that say another version than their archive', async (t) => {
  const fixture = await anInstallFixture(t);
  const archive = await aReleaseArchive(fixture, '3.6.16', '3.6.15');
  const checksums = Buffer.from(checksumLineOf(archive, NAME));
  const releaseBaseUrl = await serveFiles(
    t,
    new Map([
      [ARCHIVE_PATH, archive],
      [CHECKSUMS_PATH, checksums],
    ]),
  );
  assert.match(await refusalOf({ ...fixture.deps, releaseBaseUrl }, t), /etcd is version 3\.6\.15$/);
});

test('asks nobody where etcd publishes no archive', async (t) => {
  const { deps, events } = await anInstallFixture(t);
  const refused = 'there is no release archive for darwin on arm64';
  assert.equal(await refusalOf({ ...deps, platform: 'darwin', arch: 'arm64' }, t), refused);
  assert.match(await refusalOf({ ...deps, arch: 'mips' }, t), /for linux on mips/);
  assert.deepEqual(events, []);
});
