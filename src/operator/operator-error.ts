/** Why the operator cannot start. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  /** Stable, for people who search for it. */
  readonly code: 'KUBECONFIG_UNUSABLE' | 'API_SERVER_UNREACHABLE';

  /** `seen`: what was seen and what to do, in one clause. */
  constructor(code: OperatorError['code'], seen: string) {
    super(`${code}: ${seen}`);
    this.code = code;
  }
}
