/** Users of etcd as specs declare them. */
import type { SecuritySpec } from '../../../src/api/security-spec.ts';
import { ETCD_USER, TLS, userSecretOf } from './security-mode.ts';

/** Reads the shop, and shows a password. */
export const READER = 'reader';
export const READER_SECRET = 'reader-password';
/** Reads it as well, and has no password. */
export const SHELF = 'shelf';

/** With these, and the one that the tests' own programs are, on a cluster called `demo`. */
export const WITH_USERS: SecuritySpec = {
  ...TLS,
  auth: {
    enabled: true,
    users: [
      { name: ETCD_USER, passwordSecret: { name: userSecretOf('demo') }, roles: ['root'] },
      { name: READER, passwordSecret: { name: READER_SECRET }, roles: ['read-shop'] },
      { name: SHELF, roles: ['read-shop'] },
    ],
    roles: [{ name: 'read-shop', permissions: [{ access: 'Read', key: 'shop/', prefix: true }] }],
  },
};
