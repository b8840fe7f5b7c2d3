/** Who we are to the API server, and how we know that it is the API server. */

/** For TLS; a field that is absent is left to Node. PEM texts. */
export type TlsIdentity = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name to expect in the server's certificate instead of the URL's host. */
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
};

export type Credentials = {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsIdentity;
};

export type ApiCredentials = {
  /** Such as `https://10.96.0.1:443`, without a slash at the end; it may have a path. */
  readonly server: string;
  /** The namespace of the context or of the Pod, if there is one. */
  readonly namespace: string | undefined;
  /**
   * What to show now. `after: 'refusal'` says that what was shown last was not accepted, so files and plugins
   * are asked anew instead of what is remembered. Rejects when a file or a plugin fails, or `signal` fires.
   */
  read(after: 'nothing' | 'refusal', signal: AbortSignal): Promise<Credentials>;
};
