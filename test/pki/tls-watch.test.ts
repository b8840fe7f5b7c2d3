import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { KeyPair } from '../../src/pki/certificate.ts';
import { TlsWatch } from '../../src/pki/tls-watch.ts';
import { issueAuthority, issueLeaf } from '../../src/pki/x509-issuer.ts';
import { aMountedSecret, tlsFilesOf } from '../support/mounted-secret.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;

let authority: KeyPair;
let first: KeyPair;
let second: KeyPair;

before(async () => {
  authority = await issueAuthority('ca', NOW_MS, DAY_MS);
  const request = {
    commonName: 'a',
    dnsNames: ['a'],
    ipAddresses: [],
    usages: ['server'],
    lifeMs: DAY_MS,
  } as const;
  first = await issueLeaf(authority, request, NOW_MS);
  second = await issueLeaf(authority, request, NOW_MS);
});

async function aWatch(t: TestContext) {
  const { folder, put } = await aMountedSecret(t);
  let nowMs = 0;
  const news: string[] = [];
  const watch = new TlsWatch({
    folder,
    nowMs: () => nowMs,
    onChange: ({ certificateDigest }) => news.push(certificateDigest.slice(0, 8)),
    onUnreadable: (why) => news.push(why),
  });
  return {
    news,
    look: () => watch.look(t.signal),
    put: async (files: Readonly<Record<string, string>>) => {
      nowMs += 10_000;
      await put(files);
    },
  };
}

function filesOf(pair: KeyPair, key = pair.key): Readonly<Record<string, string>> {
  return tlsFilesOf(pair, authority.certificate, key);
}

describe('a mounted Secret', () => {
  it('is read when it changes, and told of once', async (t) => {
    const { put, news, look } = await aWatch(t);
    await put(filesOf(first));
    assert.equal((await look())?.certificate, first.certificate);
    await look();
    await put(filesOf(second));
    assert.equal((await look())?.certificate, second.certificate);
    assert.equal(news.length, 2);
  });

  it('stays in use as it was while what is there now fits nothing', async (t) => {
    const { put, news, look } = await aWatch(t);
    await put(filesOf(first));
    await look();
    for (const files of [
      filesOf(second, first.key),
      { ...filesOf(second), 'ca.crt': '' },
      { 'tls.crt': 'x' },
    ]) {
      await put(files);
      assert.equal((await look())?.certificate, first.certificate);
    }
    assert.match(news[1] ?? '', /tls\.key is not the key of tls\.crt/);
    assert.match(news[2] ?? '', /ca\.crt holds no certificate/);
    assert.match(news[3] ?? '', /ENOENT/);
  });

  it('says once what is wrong with it', async (t) => {
    const { news, look, put } = await aWatch(t);
    await put({});
    assert.equal(await look(), undefined);
    await look();
    assert.equal(news.length, 1);
  });

  it('is not read whole where it is larger than any certificate', async (t) => {
    const { put, look, news } = await aWatch(t);
    await put({ ...filesOf(first), 'ca.crt': 'x'.repeat(300_000) });
    assert.equal(await look(), undefined);
    assert.match(news[0] ?? '', /300000 bytes long/);
  });
});
