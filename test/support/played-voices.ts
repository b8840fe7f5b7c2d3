/** The HTTP of many played agents in one process: `/status` with its long-poll, each at an address of its own. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { AgentStatus } from '../../src/model/agent-status.ts';

/** What one agent says, and to whom. */
export type PlayedVoice = {
  readonly address: string;
  /** Says this from now on; whoever waits for news hears it at once, if its etag is another one. */
  show(status: AgentStatus): void;
  /** Whoever waits hears the same word once more, as after the wait that was asked for. */
  confirm(): void;
  /** Breaks off every connection and refuses new ones, until `speak`. */
  silence(): Promise<void>;
  /** False: somebody else listens there. */
  speak(): Promise<boolean>;
  /** How often it was asked. */
  asked(): number;
  /** Resolves when it is asked the next time. */
  nextQuestion(): Promise<void>;
};

export type PlayedVoices = AsyncDisposable & {
  /** An agent that begins to answer at `address`; undefined: somebody else listens there. */
  open(address: string, first: AgentStatus): Promise<PlayedVoice | undefined>;
  close(voice: PlayedVoice): Promise<void>;
};

/** Answers at `port` of each address. */
export function createPlayedVoices(port: number): PlayedVoices {
  const voices = new Map<string, Voice>();
  // One server parses for all; each address has nothing but a listener.
  const http = createHttpServer((request, response) => {
    const voice = voices.get(request.socket.localAddress ?? '');
    if (voice === undefined) {
      response.destroy();
    } else {
      voice.answer(request, response);
    }
  });
  const close = async (address: string): Promise<void> => {
    const voice = voices.get(address);
    voices.delete(address);
    await voice?.silence();
  };
  return {
    open: async (address, first) => {
      const voice = new Voice(address, port, first, (socket) => http.emit('connection', socket));
      if (!(await voice.speak())) {
        return undefined;
      }
      voices.set(address, voice);
      return voice;
    },
    close: ({ address }) => close(address),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...voices.keys()].map(close));
      http.closeAllConnections();
    },
  };
}

type Waiter = { readonly response: ServerResponse; readonly timer: NodeJS.Timeout };

class Voice implements PlayedVoice {
  readonly address: string;
  readonly #port: number;
  readonly #onSocket: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  readonly #waiters = new Set<Waiter>();
  #listener: Server | undefined;
  #status: AgentStatus;
  #asked = 0;
  #question = Promise.withResolvers<void>();

  constructor(address: string, port: number, first: AgentStatus, onSocket: (socket: Socket) => void) {
    this.address = address;
    this.#port = port;
    this.#status = first;
    this.#onSocket = onSocket;
  }

  show(status: AgentStatus): void {
    const isNews = status.etag !== this.#status.etag;
    this.#status = status;
    if (isNews) {
      this.confirm();
    }
  }

  confirm(): void {
    for (const waiter of this.#waiters) {
      this.#end(waiter);
    }
  }

  asked(): number {
    return this.#asked;
  }

  nextQuestion(): Promise<void> {
    return this.#question.promise;
  }

  async speak(): Promise<boolean> {
    if (this.#listener !== undefined) {
      return true;
    }
    const listener = createTcpServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#onSocket(socket);
    });
    listener.listen({ host: this.address, port: this.#port, exclusive: true });
    try {
      await once(listener, 'listening');
    } catch {
      return false;
    }
    this.#listener = listener;
    return true;
  }

  async silence(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    for (const { timer } of this.#waiters) {
      clearTimeout(timer);
    }
    this.#waiters.clear();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    if (listener !== undefined) {
      listener.close();
      await once(listener, 'close');
    }
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://agent');
    if (url.pathname !== '/status') {
      response.writeHead(404).end();
      return;
    }
    this.#asked += 1;
    this.#question.resolve();
    this.#question = Promise.withResolvers();
    const waitMs = Number.parseInt(url.searchParams.get('wait') ?? '0', 10) * 1_000;
    if (url.searchParams.get('since') !== this.#status.etag || waitMs === 0) {
      this.#say(response);
      return;
    }
    const waiter = { response, timer: setTimeout(() => this.#end(waiter), waitMs) };
    this.#waiters.add(waiter);
    response.once('close', () => {
      clearTimeout(waiter.timer);
      this.#waiters.delete(waiter);
    });
  }

  #end(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    this.#say(waiter.response);
  }

  #say(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(`${JSON.stringify({ ...this.#status, observedAt: new Date().toISOString() })}\n`);
  }
}
