/** Pods of the tests' own, as Pod Security's `restricted` wants them. */

/** A Pod that is started once; `spec` adds to it. */
export function barePod(name: string, spec: Readonly<Record<string, unknown>>): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'quorate.test/helper': name } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: NON_ROOT_ID,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...spec,
    },
  };
}

/** `nonroot` of distroless images. */
const NON_ROOT_ID = 65_532;

/** A container that may do nothing special. */
export function bareContainer(
  name: string,
  image: string,
  command: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    name,
    image,
    command,
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}
