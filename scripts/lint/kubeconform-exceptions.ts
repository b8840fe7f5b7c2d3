/** Kinds that kubeconform cannot judge, by `apiVersion/Kind`, and why. One that is met nowhere fails the lint. */
export const KUBECONFORM_EXCEPTIONS: Readonly<Record<string, string>> = {
  'monitoring.coreos.com/v1/ServiceMonitor':
    'Its schema belongs to the Prometheus operator and comes with its CRDs.',
  'monitoring.coreos.com/v1/PrometheusRule':
    'Its schema belongs to the Prometheus operator and comes with its CRDs.',
};
