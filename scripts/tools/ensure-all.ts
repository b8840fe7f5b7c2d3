/** Builds every Go program that tests and generators run, as far as it is missing. */
import { ensureGoTool } from './ensure-go-tool.ts';
import { HELM, KUBE_SCORE, KUBECONFORM } from './go-tools.ts';

for (const tool of [HELM, KUBECONFORM, KUBE_SCORE]) {
  await ensureGoTool(tool);
}
