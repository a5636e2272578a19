import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { AppError, uuidV7 } from "@yardmaster/protocol";
import { serveRoutes } from "../../test/http.ts";
import { testKeptAnswers } from "../../test/kept-answers.ts";
import type { Database } from "../db/index.ts";
import type { Authenticate, Http, HttpOptions } from "../http/index.ts";
import type { TlsFiles } from "../listening/index.ts";
import { createCallKeys } from "./call-keys.ts";
import { createFindHolder } from "./find-holder.ts";
import { createForward } from "./forward.ts";
import type { ExecOptions, ExecOutcome, ExecRequest, Hub, LiveState } from "./hub/hub.types.ts";
import { createOrigins } from "./hub/wire/origin.ts";
import { nodeRoutes } from "./index.ts";
import { createNodes } from "./nodes.ts";
import {
  type Installation,
  startRegistry,
  type TestRegistry,
} from "./registry/registry.fixture.ts";
import { createTransportGuard } from "./transport-guard.ts";

type Exec = (request: ExecRequest, options: ExecOptions, callId: string) => Promise<ExecOutcome>;

/** A hub without sockets: tests say what nodes do. */
export interface FakeHub extends Hub {
  readonly lives: Map<string, LiveState>;
  readonly asked: {
    readonly what: string;
    readonly node: string;
    readonly request: unknown;
    readonly options: unknown;
  }[];
  onExec: Exec;
  /** What becomes of a piece of input. */
  onInput: () => Promise<void>;
  rotateOutcome: Awaited<ReturnType<Hub["rotate"]>>;
}

export function outcomeOf(callId: string, more: Partial<ExecOutcome> = {}): ExecOutcome {
  return {
    callId,
    nodeId: randomUUID(),
    node: "lab",
    status: "ok",
    exitCode: 0,
    signal: null,
    stdout: Buffer.from("out"),
    stderr: Buffer.from("err"),
    stdoutTruncated: false,
    stderrTruncated: false,
    durationMs: 12.3,
    cwd: "/srv",
    error: null,
    flags: [],
    ...more,
  };
}

function createFakeHub(test: TestRegistry): FakeHub {
  const { registry } = test;
  const lives = new Map<string, LiveState>();
  const asked: FakeHub["asked"][number][] = [];

  const live = (ref: string): LiveState | undefined =>
    [...lives.values()].find(({ nodeId, name }) => nodeId === ref || name === ref);

  async function ask(
    what: string,
    ref: string,
    request: unknown,
    options: unknown,
  ): Promise<LiveState> {
    const state = live(ref);
    if (state === undefined) throw (await registry.absent(ref)).error;
    asked.push({ what, node: ref, request, options });
    return state;
  }
  const idOf = (options: { readonly callId?: string | undefined }): string =>
    options.callId ?? randomUUID();

  const hub: FakeHub = {
    lives,
    asked,
    rotateOutcome: { status: "delivered" },
    onExec: async (_request, _options, callId) => outcomeOf(callId),
    attach: () => undefined,
    live,
    list: () => [...lives.values()],
    async exec(ref, request, options) {
      await ask("exec", ref, request, options);
      const callId = idOf(options);
      options.onStarted?.(callId);
      return await hub.onExec(request, options, callId);
    },
    onInput: async () => undefined,
    async input(ref, callId, input) {
      await ask("input", ref, { callId, ...input }, {});
      await hub.onInput();
    },
    resize: async (ref, callId, size) => void (await ask("resize", ref, { callId, ...size }, {})),
    async cancel(ref, callId, options) {
      await ask("cancel", ref, { callId }, options);
      return "signaled";
    },
    async read(ref, request, options) {
      await ask("read", ref, request, options);
      if (request.path === "/denied")
        throw new AppError("path_not_allowed", "The node lab does not allow /denied");
      const content = Buffer.from("data");
      return {
        callId: idOf(options),
        content,
        sizeBytes: 4,
        eof: true,
        sha256: null,
        mode: "0644",
        mtime: null,
      };
    },
    async write(ref, request, options) {
      await ask("write", ref, request, options);
      if (request.path === "/denied")
        throw new AppError("path_not_allowed", "The node lab does not allow /denied");
      return { callId: idOf(options), bytesWritten: request.content.length, sha256: null };
    },
    async reset(ref, session, options) {
      await ask("reset", ref, { session }, options);
      return { callId: idOf(options), session, shellId: "s-2", cwd: "/", killed: 2 };
    },
    sessions: () =>
      ["main", "build"].map((session) => ({
        session,
        shellId: "s-1",
        cwd: "/",
        running: 1,
        queued: 0,
        since: new Date(0),
        lastCallAt: null,
      })),
    async rotate(nodeId, token) {
      await ask("rotate", nodeId, token, {});
      return hub.rotateOutcome;
    },
    async revokeLive(nodeId) {
      lives.delete(nodeId);
    },
    close: async () => undefined,
    hurry: () => undefined,
  };
  return hub;
}

export interface TestNodes extends TestRegistry {
  readonly hub: FakeHub;
  readonly http: Http;
  /** A link here, as the hub has it after a login. */
  link(name: string, more?: Partial<LiveState>): Promise<LiveState>;
  call(
    method: "GET" | "POST" | "PATCH",
    url: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<{
    readonly status: number;
    /** As JSON; undefined where it is empty. */
    readonly body: ReturnType<JSON["parse"]>;
    readonly headers: Record<string, unknown>;
  }>;
  close(): Promise<void>;
}

export interface TestNodesOptions {
  readonly installation?: Installation;
  readonly authenticate?: Authenticate;
  readonly isInsecureAllowed?: boolean;
  readonly proxies?: readonly string[];
  readonly tls?: TlsFiles;
  readonly fingerprint?: string;
  readonly streamLimits?: HttpOptions["streamLimits"];
}

/** Registry, API and a fake hub, as one process has them. */
export async function startNodes(
  database: Database,
  options: TestNodesOptions = {},
): Promise<TestNodes> {
  const { installation = { living: new Map() }, proxies = [] } = options;
  const test = await startRegistry(database, installation);
  const hub = createFakeHub(test);
  const processId = (): string => test.self.id;
  const newId = (): string => uuidV7(Date.now(), randomBytes(10));
  const audited = {
    tell: {
      record: async (entry: (typeof test.audit)[number]) => void test.audit.push(entry),
      note: async (entry: (typeof test.audit)[number]) => void test.audit.push(entry),
      announce: async () => undefined,
    },
    newId,
    monotonicMs: () => performance.now(),
  };
  const nodes = createNodes({ registry: test.registry, hub, audited });
  const guard = createTransportGuard(createOrigins(proxies), {
    isInsecureAllowed: options.isInsecureAllowed ?? false,
  });
  const findHolder = createFindHolder({ hub, registry: test.registry, processId });
  const forward = createForward({
    processId,
    host: hostname(),
    fingerprint: () => options.fingerprint,
  });
  const keys = createCallKeys({ pool: database.pool, newId });
  const routes = nodeRoutes({ nodes, hub, guard, relay: { findHolder, forward }, keys });
  const { authenticate, tls, streamLimits } = options;
  const { http } = serveRoutes(routes, {
    keptAnswers: testKeptAnswers(database.pool),
    tls,
    ...(authenticate && { authenticate }),
    ...(streamLimits && { streamLimits }),
  });
  return {
    ...test,
    hub,
    http,
    async link(name, more = {}) {
      const node = await test.registry.get(name);
      const state: LiveState = {
        nodeId: node.id,
        name,
        status: "connected",
        since: new Date(),
        sessionId: randomUUID(),
        epoch: 1,
        address: "192.0.2.7",
        client: "yard",
        isE2e: false,
        protocolVersion: "0.1.0",
        capabilities: ["exec", "read", "write", "rotate"],
        info: {
          nodeVersion: null,
          platform: "linux",
          arch: "amd64",
          instanceId: null,
          labels: {},
          osVersion: null,
          cpuCount: null,
          memBytes: null,
          slots: 1,
          agentVersion: null,
          features: [],
        },
        openCalls: 2,
        queuedCalls: 1,
        ...more,
      };
      hub.lives.set(node.id, state);
      return state;
    },
    async call(method, url, payload, headers = {}) {
      const response = await http.inject({
        method,
        url,
        headers,
        ...(payload === undefined ? {} : { payload }),
      });
      const text = response.body;
      return {
        status: response.statusCode,
        body: text === "" ? undefined : JSON.parse(text),
        headers: response.headers,
      };
    },
    async close() {
      await http.close();
      await test.registry.close();
    },
  };
}
