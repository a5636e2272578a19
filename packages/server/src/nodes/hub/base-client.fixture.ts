import { onTestFinished } from "vitest";
import {
  connect,
  type Frame,
  type LoginOptions,
  login,
  stamp,
  type WireClient,
} from "./wire-client.fixture.ts";

export interface BaseAnswer {
  readonly status: "ok" | "error" | "timeout";
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr?: string;
}

export interface BaseClientOptions extends LoginOptions {
  /** What a command gives; by default nothing, with success. */
  readonly run?: (command: string, timeoutMs: number) => BaseAnswer | Promise<BaseAnswer>;
  /** Files by path; a path that is not there is not found. */
  readonly files?: Map<string, Buffer>;
  /** Reconnects after a goodbye, as the Go client does; how often it did is `sessions`. */
  readonly comesBack?: boolean;
}

/** What an unmodified Go client does, but for its shell: one call at a time, chunks or results with what they leave out. */
export interface BaseClient {
  readonly wire: WireClient;
  /** Every type that ever came, over all sessions. */
  readonly types: Set<string>;
  readonly calls: Frame[];
  /** Calls that came while another was worked on. */
  readonly overlaps: number;
  readonly sessions: number;
  ping(): void;
}

export async function startBaseClient(
  url: string,
  options: BaseClientOptions,
): Promise<BaseClient> {
  const types = new Set<string>();
  const calls: Frame[] = [];
  const state = { wire: undefined as unknown as WireClient, busy: 0, overlaps: 0, sessions: 0 };

  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });

  async function session(): Promise<void> {
    const wire = await connect(url);
    state.wire = wire;
    const ok = await login(wire, options);
    state.sessions++;
    for (const frame of wire.received) types.add(frame.type);
    void serve(wire, ok);
  }

  async function serve(wire: WireClient, ok: Frame): Promise<void> {
    let at = wire.received.indexOf(ok) + 1;
    const chunks = wire.received.some(
      ({ type, capabilities }) =>
        type === "hello_ack" && (capabilities as string[]).includes("exec_chunk"),
    );
    for (;;) {
      for (; at < wire.received.length; at++) take(wire, wire.received[at] as Frame, chunks);
      if (!(await wire.more())) break;
    }
    if (options.comesBack === true && !isOver) await session().catch(() => undefined);
  }

  function take(wire: WireClient, frame: Frame, chunks: boolean): void {
    types.add(frame.type);
    if (frame.type === "ping") wire.send({ type: "pong", ts: stamp(), echo_ts: frame["ts"] });
    if (frame.type === "bye") return wire.ws.close(1000);
    if (!["exec", "read", "write"].includes(frame.type)) return;
    calls.push(frame);
    if (state.busy > 0) state.overlaps++;
    state.busy++;
    const work =
      frame.type === "exec" ? exec(wire, frame, chunks) : Promise.resolve(file(wire, frame));
    void work.then(() => {
      state.busy--;
    });
  }

  async function exec(wire: WireClient, frame: Frame, chunks: boolean): Promise<void> {
    const { id } = frame;
    const command = frame["command"] as string;
    const run = options.run ?? ((): BaseAnswer => ({ status: "ok", exitCode: 0, stdout: "" }));
    const {
      status,
      exitCode,
      stdout,
      stderr = "",
    } = await run(command, frame["timeout_ms"] as number);
    const tail = { status, ...(exitCode !== 0 && { exit_code: exitCode }) };
    if (!chunks) {
      const rest = { exit_code: exitCode, stdout, stderr, duration_ms: 3, truncated: false };
      return wire.send({ type: "exec_result", id, status, ...rest });
    }
    let seq = 0;
    for (const line of stdout.split(/(?<=\n)/)) {
      if (line === "") continue;
      const data = Buffer.from(line).toString("base64");
      wire.send({ type: "exec_chunk", id, seq: ++seq, data, more: true });
    }
    wire.send({
      type: "exec_chunk",
      id,
      seq: ++seq,
      data: "",
      more: false,
      ...tail,
      duration_ms: 3,
    });
  }

  function file(wire: WireClient, frame: Frame): void {
    const { id, type } = frame;
    const path = frame["path"] as string;
    const files = options.files ?? new Map<string, Buffer>();
    const refuse = (error: string, error_detail: string): void =>
      wire.send({ type: `${type}_result`, id, status: "error", error, error_detail });
    if (path.startsWith("/etc")) return refuse("path_not_allowed", "outside the allowed roots");
    if (type === "read") {
      const content = files.get(path);
      if (content === undefined) return refuse("file_not_found", `open ${path}`);
      const rest = { content_b64: content.toString("base64"), size_bytes: content.length };
      return wire.send({ type: "read_result", id, status: "ok", ...(content.length > 0 && rest) });
    }
    const content = Buffer.from((frame["content_b64"] as string | undefined) ?? "", "base64");
    if (content.length === 0)
      return wire.send({
        type: "error",
        id,
        code: 4000,
        reason: "bad_request",
        detail: "content_b64 missing",
      });
    if (frame["mode"] === "create" && files.has(path))
      return refuse("io_error", `open ${path}: file already exists`);
    files.set(path, content);
    wire.send({ type: "write_result", id, status: "ok", bytes_written: content.length });
  }

  await session();
  return {
    types,
    calls,
    get wire() {
      return state.wire;
    },
    get overlaps() {
      return state.overlaps;
    },
    get sessions() {
      return state.sessions;
    },
    ping: () => state.wire.send({ type: "ping", ts: stamp() }),
  };
}

/** What may reach a session that agreed on nothing of ours. */
export const BASE_TYPES = [
  ...["hello_ack", "hello_err", "auth_ok", "auth_err", "exec", "read", "write"],
  ...["ping", "pong", "error", "bye", "rate_limit", "enc"],
];
