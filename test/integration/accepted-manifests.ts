/** Manifests that other projects' users have, and what must be read back of each object in them. */

/** By the file's name under `manifests/`, one record of paths and values for each object in it. */
export const ACCEPTED: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  'cluster-with-everything-of-the-sample.yaml': [
    {
      'spec.size': 3,
      'spec.version': '3.5.9',
      'spec.storage': { size: '10Gi', medium: 'Persistent' },
      'spec.security.tls': {
        enabled: true,
        clientTLSEnabled: true,
        peerTLSEnabled: true,
        autoTLS: true,
        autoRotate: true,
      },
      'spec.resources.limits': { cpu: '1000m', memory: '1Gi' },
    },
  ],
  'backup-to-s3-every-night.yaml': [
    {
      'spec.schedule': '0 2 * * *',
      'spec.s3': {
        bucket: 'etcd-backups',
        region: 'us-west-2',
        path: '/backups/etcd',
        accessKeySecret: 's3-credentials',
        secretKeySecret: 's3-credentials',
        forcePathStyle: false,
      },
      'spec.retentionPolicy': { maxBackups: 30, maxAge: '30d' },
      'spec.compression': true,
      'spec.suspend': false,
    },
  ],
  'restore-into-a-new-cluster.yaml': [
    {
      'spec.restoreType': 'New',
      'spec.bumpRevision': true,
      'spec.clusterTemplate.size': 3,
      'spec.clusterTemplate.security.tls': { enabled: true, autoTLS: true, autoRotate: true },
    },
  ],
  'cluster-of-a-first-page.yaml': [
    {
      'spec.size': 3,
      'spec.version': 'v3.5.21',
      'spec.repository': 'quay.io/coreos/etcd',
      'spec.storage': { size: '10Gi', storageClassName: 'fast-ssd', medium: 'Persistent' },
      'spec.security.tls': { enabled: true, autoTLS: true, autoRotate: true },
      'spec.resources.limits': { cpu: '500m', memory: '512Mi' },
    },
  ],
  'cluster-of-one.yaml': [
    {
      spec: { size: 1, version: 'v3.5.21', repository: 'quay.io/coreos/etcd', pause: false },
    },
  ],
  'cluster-of-three.yaml': [{ 'spec.size': 3, 'spec.storage.size': '1Gi', 'spec.security': undefined }],
  'cluster-of-five.yaml': [{ 'spec.size': 5, 'spec.security': undefined }],
  'two-clusters.yaml': [
    { 'metadata.name': 'test-concurrent-1', 'spec.size': 1 },
    { 'metadata.name': 'test-concurrent-2', 'spec.size': 3 },
  ],
  'cluster-with-tight-limits.yaml': [
    {
      'spec.resources': {
        requests: { memory: '64Mi', cpu: '50m' },
        limits: { memory: '128Mi', cpu: '100m' },
      },
    },
  ],
  'cluster-of-a-storage-class.yaml': [{ 'spec.storage.storageClassName': 'standard' }],
  'cluster-with-an-unknown-field.yaml': [{ 'spec.storage': { size: '1Gi', medium: 'Persistent' } }],
  'cluster-in-another-namespace.yaml': [
    { 'metadata.namespace': 'default-etcd', 'metadata.labels': { test: 'fixture' } },
  ],
};
