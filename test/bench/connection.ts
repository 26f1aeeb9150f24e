/**
 * One keep-alive connection to a Worker, over a raw socket: `fetch` in Node takes longer than the Worker's own answer.
 */
import { connect, type Socket } from "node:net";

interface Awaited {
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = "\r\n\r\n";

export class Connection {
  readonly #to: URL;
  readonly #head: string;
  #socket: Socket;
  #chunks: Buffer[] = [];
  #received = 0;
  #whole = 0;
  #awaited: Awaited | undefined;

  /** `origin` of plain HTTP; `headers` go with every request. */
  constructor(origin: string, headers: Readonly<Record<string, string>>) {
    this.#to = new URL(origin);
    const lines = Object.entries({ Host: this.#to.hostname, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    this.#head = `HTTP/1.1\r\n${lines.join("")}\r\n`;
    this.#socket = this.#connect();
  }

  /** The body of an answer that has a Content-Length; one request at a time. */
  get(path: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#awaited = { resolve, reject };
      // workerd closes a connection that was idle for some seconds.
      if (this.#socket.destroyed) this.#socket = this.#connect();
      this.#socket.write(`GET ${path} ${this.#head}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #connect(): Socket {
    this.#chunks = [];
    this.#received = 0;
    this.#whole = 0;
    const socket = connect(Number(this.#to.port), this.#to.hostname);
    // The connection before tells of its end when the next request waits already.
    const fail = (error: Error) => {
      if (socket === this.#socket) this.#awaited?.reject(error);
    };
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the server closed the connection")));
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#whole === 0) {
      const bytes = Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      const end = bytes.indexOf(HEAD_END);
      if (end === -1) return;
      const length = /^content-length: *(\d+)/im.exec(bytes.toString("latin1", 0, end))?.[1];
      if (length === undefined) {
        this.#awaited?.reject(new Error("an answer without Content-Length"));
        return;
      }
      this.#whole = end + HEAD_END.length + Number(length);
    }
    if (this.#received < this.#whole) return;
    const answer = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#received = 0;
    this.#whole = 0;
    this.#awaited?.resolve(answer.subarray(answer.indexOf(HEAD_END) + HEAD_END.length));
  }
}
