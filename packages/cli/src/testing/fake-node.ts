import type { ServerResponse } from "node:http";
import type { ExecEnded, YardNode } from "@yardmaster/protocol";
import type { WireRequest } from "./wire-server.ts";

export const CALL_ID = "0197a1b2-0000-7000-8000-0000000000c1";

export function aNode(more: Partial<YardNode> = {}): YardNode {
  return {
    id: "0197a1b2-0000-7000-8000-0000000000a1",
    name: "lab-7",
    status: "connected",
    reason: null,
    labels: { os: "linux", gpu: "" },
    operator_labels: { gpu: "" },
    since: "2026-01-01T00:58:00.000Z",
    address: "192.0.2.7",
    node_version: "0.1.0",
    protocol_version: "0.1.0",
    platform: "linux",
    arch: "amd64",
    os_version: "6.1",
    capabilities: ["exec", "exec_chunk"],
    client: "yard",
    load: { calls: 1, jobs: 0, slots: 4 },
    cpu_count: 4,
    mem_bytes: 8 * 2 ** 30,
    e2e: "off",
    grants: { exec: true, read: true, write: false, jobs: true, paths: null },
    base: { chunks: "on", env: "forward", stdin_guard: false },
    created_at: "2025-12-31T01:00:00.000Z",
    created_by: "token:admin",
    last_seen_at: "2026-01-01T00:59:40.000Z",
    revoked_at: null,
    revoked_by: null,
    revoked_reason: null,
    refused: null,
    ...more,
  };
}

export function anEnd(more: Partial<ExecEnded> = {}): ExecEnded {
  return {
    type: "ended",
    request_id: CALL_ID,
    node: "lab-7",
    status: "ok",
    exit_code: 0,
    signal: null,
    stdout_truncated: false,
    stderr_truncated: false,
    duration_ms: 12,
    cwd: "/srv",
    error: null,
    flags: [],
    ...more,
  };
}

/** A call that a test holds in its hands: what the server tells of it, and what it was asked. */
export interface ScriptedCall {
  readonly body: Record<string, unknown>;
  output(bytes: string | Uint8Array, stream?: "stdout" | "stderr" | "pty"): void;
  tell(event: object): void;
  end(more?: Partial<ExecEnded>): void;
  /** Breaks the answer off. */
  cut(): void;
  /** The client has given it up. */
  readonly isLeft: boolean;
}

/** A route for `POST …/exec` that hands each call to `script`, begun. */
export function execRoute(script: (call: ScriptedCall) => void) {
  return (request: WireRequest, response: ServerResponse): undefined => {
    let isLeft = false;
    response.once("close", () => {
      isLeft = !response.writableFinished;
    });
    const tell = (event: object): void => void response.write(`${JSON.stringify(event)}\n`);
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    tell({ type: "started", call: CALL_ID, node: "lab-7" });
    script({
      body: request.body as Record<string, unknown>,
      tell,
      output: (bytes, stream = "stdout") =>
        tell({
          type: "output",
          stream,
          data_b64: Buffer.from(bytes as Uint8Array).toString("base64"),
        }),
      end: (more) => {
        tell(anEnd(more));
        response.end();
      },
      cut: () => response.destroy(),
      get isLeft() {
        return isLeft;
      },
    });
  };
}
