import { createServer, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import {
  CAPABILITIES,
  decodeBinary,
  decodeFrame,
  encodeFrame,
  NODE_PROTOCOL_VERSION,
  type NodeFrame,
  type NodeFrames,
  type OutgoingServerFrame,
  type Sealing,
} from "@yardmaster/protocol/node";
import { type WebSocket, WebSocketServer } from "ws";

export interface FakeServer {
  /** `ws://127.0.0.1:port`. */
  readonly url: string;
  /** The next connection that comes, or has come and was not asked for yet. */
  connection(): Promise<FakeConnection>;
  /** Answers `POST /v1/nodes/pair` from here on; what was asked comes back as JSON. */
  pairing(answer: (body: { token: string; name?: string }) => PairingAnswer): void;
  close(): Promise<void>;
}

const UNASKED: ReadonlySet<string> = new Set(["ping", "task_ready"]);

export interface PairingAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One end of a connection, as the server has it. Frames are heard in order, each once. */
export interface FakeConnection {
  readonly socket: WebSocket;
  say(frame: OutgoingServerFrame): void;
  /** What is said within goes out in one packet. */
  together(say: () => void): void;
  sayText(text: string): void;
  /** The next frame, which must be of this type; what a node says by itself is passed over. */
  hear<Type extends keyof NodeFrames>(type: Type): Promise<NodeFrames[Type]>;
  /** Frames that have come and were not heard. */
  waiting(): readonly NodeFrame[];
  /** hello, hello_ack, auth, auth_ok. */
  login(ack?: Partial<Ack>): Promise<{ hello: NodeFrames["hello"]; auth: NodeFrames["auth"] }>;
  /** From here on, in both directions. */
  encrypt(sealing: Sealing): void;
  readonly closed: Promise<{ code: number; reason: string }>;
}

interface Ack {
  readonly capabilities: readonly string[];
  readonly sessionId: string;
  readonly resumeToken: string;
  readonly graceMs: number;
}

export async function startFakeServer(tls?: ServerOptions): Promise<FakeServer> {
  const http: Server = tls === undefined ? createServer() : createTlsServer(tls);
  const sockets = new WebSocketServer({
    server: http,
    path: "/ws/nodes",
    perMessageDeflate: false,
  });
  const come = createQueue<FakeConnection>();
  sockets.on("connection", (socket) => come.put(connectionOf(socket)));
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const { port } = http.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${port}`,
    connection: () => come.take(),
    pairing(answer) {
      http.removeAllListeners("request").on("request", (request, response) => {
        void text(request).then((body) => {
          const isPairing = request.method === "POST" && request.url === "/v1/nodes/pair";
          const said = isPairing ? answer(JSON.parse(body)) : { status: 404, body: {} };
          response.writeHead(said.status, { "content-type": "application/json" });
          response.end(JSON.stringify(said.body));
        });
      });
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

function connectionOf(socket: WebSocket): FakeConnection {
  const frames = createQueue<NodeFrame>();
  let sealing: Sealing | undefined;
  const closed = new Promise<{ code: number; reason: string }>((done) => {
    socket.once("close", (code, reason) => done({ code, reason: reason.toString() }));
  });
  socket.on("error", () => {});
  socket.on("message", (data: Buffer, isBinary) => {
    const plain = () => opened(data.toString("utf8"), sealing);
    const decoded = isBinary ? decodeBinary(data, "from_node") : decodeFrame(plain(), "from_node");
    if (!("ok" in decoded)) throw new Error(`a node sent ${JSON.stringify(decoded)}`);
    frames.put(decoded.ok);
  });
  const sayText = (text: string) => {
    const inner =
      sealing === undefined ? text : encodeFrame({ type: "enc", data: sealing.seal(text) });
    socket.send(inner);
  };
  const say = (frame: OutgoingServerFrame) => sayText(encodeFrame(frame));

  async function hear<Type extends keyof NodeFrames>(type: Type): Promise<NodeFrames[Type]> {
    for (;;) {
      const frame = await frames.take();
      if (frame.type === type) return frame as NodeFrames[Type];
      if (!UNASKED.has(frame.type)) throw new Error(`heard ${JSON.stringify(frame)}, not ${type}`);
    }
  }

  return {
    socket,
    say,
    sayText,
    hear,
    together(sayAll) {
      const { _socket } = socket as unknown as { _socket: Socket };
      _socket.cork();
      sayAll();
      _socket.uncork();
    },
    waiting: () => frames.waiting(),
    closed,
    encrypt(with_) {
      sealing = with_;
    },
    async login({ capabilities = CAPABILITIES, sessionId = "s-1", resumeToken, graceMs } = {}) {
      const hello = await hear("hello");
      say({
        type: "hello_ack",
        protocol_version: NODE_PROTOCOL_VERSION,
        session_id: sessionId,
        server_time: "2026-01-01T00:00:00.000Z",
        capabilities: [...capabilities],
      });
      const auth = await hear("auth");
      say({
        type: "auth_ok",
        session_id: sessionId,
        ...(resumeToken === undefined ? {} : { resume_token: resumeToken }),
        ...(graceMs === undefined ? {} : { grace_ms: graceMs }),
      });
      return { hello, auth };
    },
  };
}

function opened(text: string, sealing: Sealing | undefined): string {
  if (sealing === undefined) return text;
  const { data } = JSON.parse(text) as { data: string };
  const inner = sealing.open(data);
  if (!("ok" in inner)) throw new Error(`a node sent what is ${inner.flaw}`);
  return inner.ok;
}

interface Queue<Item> {
  put(item: Item): void;
  take(): Promise<Item>;
  waiting(): readonly Item[];
}

function createQueue<Item>(): Queue<Item> {
  const items: Item[] = [];
  const takers: ((item: Item) => void)[] = [];
  return {
    put(item) {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    take() {
      const item = items.shift();
      if (item !== undefined) return Promise.resolve(item);
      return new Promise((done) => takers.push(done));
    },
    waiting: () => items,
  };
}
