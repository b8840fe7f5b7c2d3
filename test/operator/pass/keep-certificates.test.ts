import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { obstacleText } from '../../../src/operator/pass/keep-certificates.ts';

const SIGHT = { namespace: 'shop' };
const FORBIDDEN = { kind: 'forbidden', message: 'secrets "demo-ca" is forbidden' } as const;

describe('an operator that may not keep Secrets', () => {
  it('says which command lets it, by the names of its own installation', () => {
    const secretsAccess = { clusterRole: 'etcd-op-secrets', serviceAccount: 'infra:etcd-op' };
    const { reason, message } = obstacleText({ secretsAccess }, SIGHT, FORBIDDEN);
    assert.equal(reason, 'SecretsForbidden');
    assert.match(
      message,
      /kubectl --namespace shop create rolebinding etcd-op-secrets --clusterrole=etcd-op-secrets --serviceaccount=infra:etcd-op$/,
    );
  });

  it('says what it needs where it does not know its names, such as outside of the cluster', () => {
    const { message } = obstacleText({ secretsAccess: undefined }, SIGHT, FORBIDDEN);
    assert.match(message, /namespace shop\. .*get, create and update on secrets/);
  });
});
