/** Rules about encryption and authentication: what cannot be honoured is refused, never started in plain text. */
import { ROOT } from '../model/etcd-auth.ts';
import { given } from './cel.ts';
import type { EtcdClusterSpec } from './etcd-cluster.ts';
import type { Rule } from './rule.ts';
import type { SecuritySpec, TlsSpec } from './security-spec.ts';

/** Whether clients talk TLS to the cluster. */
export function isClientTlsOn(security: SecuritySpec | undefined): boolean {
  const tls = security?.tls;
  return tls !== undefined && tls.enabled !== false && tls.clientTLSEnabled !== false;
}

/** Whether members talk TLS to each other. */
export function isPeerTlsOn(security: SecuritySpec | undefined): boolean {
  const tls = security?.tls;
  return tls !== undefined && tls.enabled !== false && tls.peerTLSEnabled !== false;
}

/** The API server sets `enabled` to true wherever `tls` is given; the rules hold without that, too. */
const ENABLED = '(!has(self.enabled) || self.enabled)';
const AUTO = '(has(self.autoTLS) && self.autoTLS)';
/** The name by which agents let the operator in. */
const OPERATOR = 'quorate-operator';

const TLS_RULES: readonly Rule<EtcdClusterSpec>[] = [
  tlsRule({
    name: 'one-certificate-source',
    cel: `[has(self.certificateSecret), has(self.issuerRef), ${AUTO}].filter(source, source).size() <= 1`,
    isKept: (tls) =>
      [tls.certificateSecret !== undefined, tls.issuerRef !== undefined, tls.autoTLS === true].filter(Boolean)
        .length <= 1,
    message:
      'security.tls must name one source of certificates: autoTLS, certificateSecret (with caSecret), or issuerRef; remove the others',
  }),
  tlsRule({
    name: 'some-certificate-source',
    cel: `!${ENABLED} || !has(self.autoTLS) || self.autoTLS || has(self.certificateSecret) || has(self.issuerRef)`,
    isKept: (tls) =>
      tls.enabled === false ||
      tls.autoTLS !== false ||
      tls.certificateSecret !== undefined ||
      tls.issuerRef !== undefined,
    message:
      'security.tls has no source of certificates: set autoTLS to true, or name certificateSecret and caSecret, or issuerRef, or set enabled to false',
  }),
  tlsRule({
    name: 'certificate-with-authority',
    cel: '!has(self.certificateSecret) || has(self.caSecret)',
    isKept: (tls) => tls.certificateSecret === undefined || tls.caSecret !== undefined,
    message:
      'security.tls.certificateSecret needs caSecret beside it: without the authority nobody can check the certificates',
  }),
  tlsRule({
    name: 'nothing-encrypted-by-halves',
    cel: `${ENABLED} || !((has(self.clientTLSEnabled) && self.clientTLSEnabled) || (has(self.peerTLSEnabled) && self.peerTLSEnabled))`,
    isKept: (tls) => tls.enabled !== false || (tls.clientTLSEnabled !== true && tls.peerTLSEnabled !== true),
    message:
      'security.tls.enabled is false while clientTLSEnabled or peerTLSEnabled is true: set enabled to true, or remove the other two',
  }),
  tlsRule({
    name: 'something-encrypted',
    cel: `!${ENABLED} || !has(self.clientTLSEnabled) || self.clientTLSEnabled || !has(self.peerTLSEnabled) || self.peerTLSEnabled`,
    isKept: (tls) => tls.enabled === false || tls.clientTLSEnabled !== false || tls.peerTLSEnabled !== false,
    message:
      'security.tls.enabled is true while clientTLSEnabled and peerTLSEnabled are both false: set one of them to true, or enabled to false',
  }),
  tlsRule({
    name: 'rotation-of-issued-certificates',
    cel: '!has(self.rotationPeriod) || (!has(self.certificateSecret) && (!has(self.autoRotate) || self.autoRotate))',
    isKept: (tls) =>
      tls.rotationPeriod === undefined || (tls.certificateSecret === undefined && tls.autoRotate !== false),
    message:
      'security.tls.rotationPeriod is about certificates that are issued here: remove it, or remove certificateSecret (its content is taken up whenever it changes) and set autoRotate to true',
  }),
];

const AUTH_RULES: readonly Rule<EtcdClusterSpec>[] = [
  {
    name: 'auth-over-tls',
    field: 'spec.security',
    cel: `!(${given('self.auth.enabled')}) || !self.auth.enabled || (has(self.tls) && (!has(self.tls.enabled) || self.tls.enabled) && (!has(self.tls.clientTLSEnabled) || self.tls.clientTLSEnabled))`,
    isKept: ({ spec: { security } }) => security?.auth?.enabled !== true || isClientTlsOn(security),
    message:
      'security.auth.enabled needs TLS for clients: passwords would cross the network in the clear, and agents prove by certificate that they are root; set security.tls (autoTLS: true makes all certificates), or auth.enabled to false',
  },
  {
    name: 'root-has-its-own-secret',
    field: 'spec.security.auth',
    cel: `!has(self.users) || self.users.all(user, user.name != '${ROOT}')`,
    isKept: ({ spec }) => (spec.security?.auth?.users ?? []).every(({ name }) => name !== ROOT),
    message:
      'security.auth.users must not name root: it always exists, and rootPasswordSecret is its password',
  },
  {
    name: 'operator-is-no-user',
    field: 'spec.security.auth',
    cel: `!has(self.users) || self.users.all(user, user.name != '${OPERATOR}')`,
    isKept: ({ spec }) => (spec.security?.auth?.users ?? []).every(({ name }) => name !== OPERATOR),
    message: `security.auth.users must not name ${OPERATOR}: a certificate of that name opens the agents’ pages; choose another name`,
  },
  {
    name: 'root-role-is-etcds-own',
    field: 'spec.security.auth',
    cel: `!has(self.roles) || self.roles.all(role, role.name != '${ROOT}')`,
    isKept: ({ spec }) => (spec.security?.auth?.roles ?? []).every(({ name }) => name !== ROOT),
    message:
      'security.auth.roles must not define root: etcd has that role, which may do everything; give it to users as it is, or choose another name',
  },
  {
    name: 'known-roles',
    field: 'spec.security.auth',
    cel: `!has(self.users) || self.users.all(user, !has(user.roles) || user.roles.all(wanted, wanted == '${ROOT}' || (has(self.roles) && self.roles.exists(role, role.name == wanted))))`,
    isKept: ({ spec }) => {
      const { users = [], roles = [] } = spec.security?.auth ?? {};
      const known = new Set([ROOT, ...roles.map(({ name }) => name)]);
      return users.every((user) => (user.roles ?? []).every((role) => known.has(role)));
    },
    message:
      'security.auth.users must only have roles that security.auth.roles defines, or root; add the role there',
  },
  {
    name: 'permissions-name-keys',
    field: 'spec.security.auth',
    cel: "!has(self.roles) || self.roles.all(role, !has(role.permissions) || role.permissions.all(each, each.key != '' || (has(each.prefix) && each.prefix)))",
    isKept: ({ spec }) =>
      (spec.security?.auth?.roles ?? []).every(({ permissions = [] }) =>
        permissions.every(({ key, prefix }) => key !== '' || prefix === true),
      ),
    message:
      'security.auth.roles must name a key in each permission: there is none of an empty name; for all keys set prefix to true',
  },
];

export const SECURITY_RULES: readonly Rule<EtcdClusterSpec>[] = [...TLS_RULES, ...AUTH_RULES];

function tlsRule(rule: {
  readonly name: string;
  readonly cel: string;
  readonly isKept: (tls: TlsSpec) => boolean;
  readonly message: string;
}): Rule<EtcdClusterSpec> {
  return {
    ...rule,
    field: 'spec.security.tls',
    isKept: ({ spec: { security } }) => security?.tls === undefined || rule.isKept(security.tls),
  };
}
