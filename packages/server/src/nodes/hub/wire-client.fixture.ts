import { once } from "node:events";
import {
  createKeyPair,
  createSealing,
  handshakeKey,
  proofOf,
  type Sealing,
  sessionKey,
} from "@yardmaster/protocol/node";
import { WebSocket } from "ws";

export type Frame = { readonly type: string } & Record<string, unknown>;

/** A socket that speaks frames and judges nothing: what a test says is what is sent. */
export interface WireClient {
  readonly ws: WebSocket;
  /** All that came, opened where it was sealed. */
  readonly received: Frame[];
  /** Sealed once the session is; keys sorted, escaped and in pieces as the Go client does. */
  send(frame: Frame): void;
  raw(message: string | Buffer): void;
  /** The next frame of this type that no earlier call took. */
  next(type: string): Promise<Frame>;
  /** False: it is closed, and nothing will. */
  more(): Promise<boolean>;
  /** The close code that was seen. */
  readonly closed: Promise<number>;
  /** Opens what comes sealed; seals what is sent from `seal` on. */
  keys(sealing: Sealing): void;
  seal(): void;
  end(): void;
}

export async function connect(url: string, options: object = {}): Promise<WireClient> {
  const ws = new WebSocket(url, options);
  const client = wireClient(ws);
  await once(ws, "open");
  return client;
}

export function wireClient(ws: WebSocket): WireClient {
  const received: Frame[] = [];
  const fresh: Frame[] = [];
  let wakers: (() => void)[] = [];
  let sealing: Sealing | undefined;
  let isSealing = false;
  const wake = (): void => {
    const woken = wakers;
    wakers = [];
    for (const waker of woken) waker();
  };
  const closed = new Promise<number>((resolve) => {
    ws.on("close", (code) => {
      resolve(code);
      wake();
    });
  });
  async function more(): Promise<boolean> {
    if (ws.readyState === WebSocket.CLOSED) return false;
    const count = received.length;
    await new Promise<void>((resolve) => wakers.push(resolve));
    return received.length > count;
  }
  ws.on("error", () => undefined);
  ws.on("message", (bytes: Buffer) => {
    let frame = JSON.parse(bytes.toString()) as Frame;
    if (frame.type === "enc" && sealing !== undefined) {
      const opened = sealing.open(frame["data"] as string);
      frame = "ok" in opened ? (JSON.parse(opened.ok) as Frame) : frame;
    }
    received.push(frame);
    fresh.push(frame);
    wake();
  });

  return {
    ws,
    received,
    closed,
    more,
    raw: (message) => inPieces(ws, message),
    send(frame) {
      const text = goJson(frame);
      if (sealing === undefined || !isSealing) return inPieces(ws, text);
      inPieces(ws, goJson({ type: "enc", data: sealing.seal(text), ts: stamp() }));
    },
    async next(type) {
      for (;;) {
        const at = fresh.findIndex((frame) => frame.type === type);
        if (at !== -1) return fresh.splice(at, 1)[0] as Frame;
        if (!(await more()))
          throw new Error(`closed without ${type}; came: ${received.map((f) => f.type).join(" ")}`);
      }
    },
    keys(given) {
      sealing = given;
    },
    seal() {
      isSealing = true;
    },
    end: () => ws.terminate(),
  };
}

export function stamp(): string {
  return new Date().toISOString();
}

/** As the Go client writes it: keys sorted, `<`, `>` and `&` escaped, a newline at the end. */
export function goJson(frame: Frame): string {
  const sorted = Object.fromEntries(Object.entries(frame).sort(([a], [b]) => (a < b ? -1 : 1)));
  const escaped = (letter: string): string =>
    `\\u00${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `${JSON.stringify(sorted).replace(/[<>&]/g, escaped)}\n`;
}

const PIECE_BYTES = 4_096;

/** Messages over about 4 KiB go in continuation frames. */
function inPieces(ws: WebSocket, message: string | Buffer): void {
  const binary = typeof message !== "string";
  const bytes = Buffer.from(message as string);
  if (ws.readyState !== WebSocket.OPEN) return;
  for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
    const fin = at + PIECE_BYTES >= bytes.length;
    ws.send(bytes.subarray(at, at + PIECE_BYTES), { binary, fin });
  }
}

export interface LoginOptions {
  readonly name: string;
  readonly token: string;
  readonly capabilities?: readonly string[] | undefined;
  readonly hello?: object;
  /** As the base client does: offered always, used where the server answers it. */
  readonly offersE2e?: boolean;
}

export const BASE = ["exec", "exec_chunk", "read", "write"];
export const OURS = [
  ...BASE,
  ...["info", "exec_strict", "stream", "input", "cancel", "reset"],
  ...["task", "resume", "lifecycle", "rotate", "files"],
];

/** hello, hello_ack, auth, auth_ok, with encryption where both want it. Gives the last frame of the server. */
export async function login(client: WireClient, options: LoginOptions): Promise<Frame> {
  const { name, token, capabilities = BASE, offersE2e = true } = options;
  const pair = createKeyPair();
  client.send({
    type: "hello",
    protocol_version: "0.1.0",
    node_name: name,
    node_version: "v0.2.0",
    platform: "linux",
    arch: "amd64",
    capabilities,
    ...(offersE2e && { e2e: true, ecdh_pub: pair.publicText }),
    ts: stamp(),
    ...options.hello,
  });
  const ack = await client.next("hello_ack");
  const { ecdh_pub, salt, session_id } = ack as Frame & Record<string, string>;
  if (ecdh_pub === undefined) {
    client.send({ type: "auth", node_name: name, token, ts: stamp() });
    return await client.next("auth_ok");
  }
  const secrets = {
    privateKey: pair.privateKey,
    peerPublic: ecdh_pub,
    salt: salt as string,
    token,
  };
  const key = handshakeKey(secrets) as Buffer;
  client.send({ type: "auth", node_name: name, proof: proofOf(key, "client-auth"), ts: stamp() });
  client.keys(createSealing({ key: sessionKey(key, session_id as string) }));
  const ok = await client.next("auth_ok");
  client.seal();
  return ok;
}
