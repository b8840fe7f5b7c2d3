import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Server as AnyServer } from 'node:net';
import { showTo } from '../../runtime/bounded-server.ts';
import { errorText } from '../../runtime/error-text.ts';
import type { TlsMaterial } from '../../runtime/tls-material.ts';
import { AddressInUseError } from '../address-in-use-error.ts';
import type { TlsSettings } from '../certificates/tls-settings.ts';
import { createSecureStatusServer, createStatusServer, type StatusServerDeps } from './status-server.ts';

export type PagesDeps = StatusServerDeps & {
  readonly listenAddress: string;
  readonly agentPort: number;
  readonly tls: Pick<TlsSettings, 'channel' | 'port'>;
  /** What is shown to siblings and operator; the same object until it changes. */
  readonly identity: () => TlsMaterial | undefined;
};

/** Who may read the agent's pages: its siblings, who show etcd's name for whoever may do everything, and the operator. */
export const AGENT_NAME = 'root';
export const OPERATOR_NAME = 'quorate-operator';

/** The agent's pages on their ports: in plain text those that are for everybody, the rest as the channel is. */
export class Pages {
  readonly #deps: PagesDeps;
  readonly #plain: Server;
  #secure: SecureServer | undefined;
  #shown: TlsMaterial | undefined;

  constructor(deps: PagesDeps) {
    this.#deps = deps;
    this.#plain = createStatusServer(deps, deps.tls.channel === 'tls' ? 'probes' : 'all');
  }

  /** @throws AddressInUseError */
  async listen(): Promise<void> {
    await this.#listen(this.#plain, this.#deps.agentPort);
  }

  /** Shows what `identity` gives now; the port is opened with the first of it. Never throws. */
  async refresh(): Promise<void> {
    const { tls, identity, logger } = this.#deps;
    const material = tls.channel === 'plain' ? undefined : identity();
    if (material === undefined || material === this.#shown) {
      return;
    }
    this.#shown = material;
    if (this.#secure !== undefined) {
      showTo(this.#secure, material);
      return;
    }
    this.#secure = createSecureStatusServer(this.#deps, material, [AGENT_NAME, OPERATOR_NAME]);
    try {
      await this.#listen(this.#secure, tls.port);
    } catch (error) {
      logger.error({ err: error }, `the pages over TLS are not served: ${errorText(error)}`);
    }
  }

  close(): void {
    for (const server of [this.#plain, this.#secure]) {
      server?.close();
      server?.closeAllConnections();
    }
  }

  async #listen(server: AnyServer, port: number): Promise<void> {
    const { listenAddress } = this.#deps;
    try {
      server.listen(port, listenAddress);
      await once(server, 'listening');
    } catch (error) {
      throw new AddressInUseError(`${listenAddress}:${port}`, error);
    }
  }
}
