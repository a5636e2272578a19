import { connect, type Frame, login, OURS, stamp, type WireClient } from "./wire-client.fixture.ts";

export interface YardClientOptions {
  readonly name: string;
  readonly token: string;
  readonly capabilities?: readonly string[];
  readonly instance?: string;
  readonly slots?: number;
  /** Said in node_info. */
  readonly features?: readonly string[];
  /** Sent after node_info, as a client does that comes back. */
  readonly resume?: object;
  /** Whether pings are answered; true by default. */
  readonly answersPings?: boolean;
  readonly hello?: object;
}

export interface YardClient extends WireClient {
  readonly ok: Frame;
  /** Answers an exec with chunks, the last of which has all fields. */
  finish(id: unknown, more?: object): void;
}

/** A session with all that is ours, as our own client begins it; what it does then is the test's to say. */
export async function startYardClient(
  url: string,
  options: YardClientOptions,
): Promise<YardClient> {
  const { capabilities = OURS, instance = "i-1", slots = 8, features = [], resume } = options;
  const wire = await connect(url);
  if (options.answersPings !== false) answerPings(wire);
  const ok = await login(wire, { ...options, capabilities, offersE2e: false });
  if (capabilities.includes("info"))
    wire.send({
      ...{ type: "node_info", instance_id: instance, slots, labels: { os: "linux" } },
      ...(features.length > 0 && { features }),
    });
  if (resume !== undefined) wire.send({ type: "resume", calls: [], leases: [], ...resume });
  return {
    ...wire,
    ok,
    finish: (id, more = {}) =>
      wire.send({
        type: "exec_chunk",
        ...{ id, seq: 1, stream: "stdout", data: "", more: false },
        ...{ status: "ok", exit_code: 0, duration_ms: 1, truncated: false },
        ...more,
      }),
  };
}

function answerPings(wire: WireClient): void {
  wire.ws.on("message", (bytes: Buffer) => {
    const frame = JSON.parse(bytes.toString()) as Frame;
    if (frame.type === "ping") wire.send({ type: "pong", ts: stamp(), echo_ts: frame["ts"] });
  });
}

/** Output as a chunk. */
export function chunk(id: unknown, seq: number, text: string, stream = "stdout"): Frame {
  const data = Buffer.from(text).toString("base64");
  return { type: "exec_chunk", id, seq, stream, data, more: true };
}
