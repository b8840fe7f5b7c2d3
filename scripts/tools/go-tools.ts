/** Programs that are built from their Go modules, each at one version. */

export type GoTool = {
  /** Of the program. */
  readonly name: string;
  /** Package of its main function. */
  readonly package: string;
  readonly version: string;
};

/** Renders the chart, of which install.yaml is made. */
export const HELM: GoTool = { name: 'helm', package: 'helm.sh/helm/v4/cmd/helm', version: 'v4.3.1' };

/** Compares objects with the schemas of the Kubernetes API. */
export const KUBECONFORM: GoTool = {
  name: 'kubeconform',
  package: 'github.com/yannh/kubeconform/cmd/kubeconform',
  version: 'v0.8.0',
};

/** Looks for what is allowed and yet unwise. */
export const KUBE_SCORE: GoTool = {
  name: 'kube-score',
  package: 'github.com/zegl/kube-score/cmd/kube-score',
  version: 'v1.20.0',
};
