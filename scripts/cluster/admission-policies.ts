/** Whether a Kubernetes knows the kinds in `manifests/admission.yaml`: ValidatingAdmissionPolicy v1, since 1.30. */

/** What kubectl is to be asked. */
export const LIST_POLICIES = ['api-resources', '--api-group=admissionregistration.k8s.io', '--output=name'];

/** What it says. */
export function knowsPolicies(output: string): boolean {
  return /^validatingadmissionpolicies\./m.test(output);
}
