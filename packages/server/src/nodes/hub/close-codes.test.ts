import { CLOSE_KINDS } from "@yardmaster/protocol/node";
import { describe, expect, it } from "vitest";
import { startHub, type TestHub } from "./hub.fixture.ts";
import type { HubOptions } from "./hub-options.ts";
import { connect, type Frame, login, OURS, stamp, type WireClient } from "./wire-client.fixture.ts";

interface Path {
  readonly code: number;
  /** The frame that says why, just before. */
  readonly says?: object;
  readonly options?: Partial<HubOptions>;
  /** Before the node is logged in. */
  readonly stranger?: (client: WireClient, started: TestHub) => Promise<void> | void;
  readonly capabilities?: readonly string[];
  /** After. */
  readonly node?: (client: WireClient, started: TestHub) => Promise<void> | void;
}

const HELLO = { type: "hello", protocol_version: "0.1.0", node_name: "lab-7" };

async function hello(client: WireClient): Promise<void> {
  client.send(HELLO);
  await client.next("hello_ack");
}

function refused(reason: string, code: number): object {
  return { reason, code };
}

function times(count: number, send: (at: number) => void): void {
  for (let at = 0; at < count; at++) send(at);
}

/** Every way in which a socket to a node ends by the server (A7, reference C41). */
const PATHS: { readonly [what: string]: Path } = {
  "no hello in time": {
    code: 4009,
    says: { type: "hello_err", ...refused("handshake_timeout", 4009) },
    options: { handshakeMs: 100 },
    stranger: () => undefined,
  },
  "no auth in time": {
    code: 4009,
    says: { type: "auth_err", ...refused("handshake_timeout", 4009) },
    options: { handshakeMs: 100 },
    stranger: hello,
  },
  "another frame than hello": {
    code: 4003,
    says: { type: "hello_err", ...refused("expected_hello", 4003) },
    stranger: (client) => client.send({ type: "ping", ts: stamp() }),
  },
  "a hello that is none": {
    code: 4003,
    says: { type: "hello_err", ...refused("bad_hello", 4003) },
    stranger: (client) => client.send({ ...HELLO, node_name: " " }),
  },
  "no JSON": {
    code: 4003,
    says: { type: "hello_err", ...refused("bad_hello", 4003) },
    stranger: (client) => client.raw("hello?"),
  },
  "another major version": {
    code: 4002,
    says: {
      type: "hello_err",
      ...refused("unsupported_protocol_version", 4002),
      server_max_version: "0.1.0",
    },
    stranger: (client) => client.send({ ...HELLO, protocol_version: "1.0.0" }),
  },
  "another frame than auth": {
    code: 4003,
    says: { type: "auth_err", ...refused("expected_auth", 4003) },
    async stranger(client) {
      await hello(client);
      client.send(HELLO);
    },
  },
  "an auth with neither token nor proof": {
    code: 4003,
    says: { type: "auth_err", ...refused("expected_auth", 4003) },
    async stranger(client) {
      await hello(client);
      client.send({ type: "auth", node_name: "lab-7" });
    },
  },
  "another name in auth": {
    code: 4001,
    says: { type: "auth_err", ...refused("unknown_node", 4001) },
    async stranger(client) {
      await hello(client);
      client.send({ type: "auth", node_name: "lab-8", token: "t" });
    },
  },
  "a wrong token": {
    code: 4001,
    says: { type: "auth_err", ...refused("invalid_token", 4001) },
    async stranger(client) {
      await hello(client);
      client.send({ type: "auth", node_name: "lab-7", token: "t" });
    },
  },
  "a revoked token": {
    code: 4001,
    says: { type: "auth_err", ...refused("revoked", 4001) },
    async stranger(client, { registry }) {
      const [node] = registry.nodes;
      registry.change(node as never, { isRevoked: true });
      await hello(client);
      client.send({ type: "auth", node_name: "lab-7", token: node?.token });
    },
  },
  "two machines with one token": {
    code: 4011,
    says: { type: "auth_err", ...refused("name_conflict", 4011) },
    async stranger(client, { registry }) {
      registry.conflict = true;
      await hello(client);
      client.send({ type: "auth", node_name: "lab-7", token: registry.nodes[0]?.token });
    },
  },
  "a login too many within a minute": {
    code: 4004,
    says: { type: "auth_err", ...refused("rate_limit_exceeded", 4004) },
    options: { loginsPerMinute: 1 },
    async stranger(client, { url, registry }) {
      const [node] = registry.nodes;
      await login(await connect(url), { name: "lab-7", token: node?.token ?? "" });
      await hello(client);
      client.send({ type: "auth", node_name: "lab-7", token: node?.token });
    },
  },
  "a fault of ours": {
    code: 1011,
    stranger(client, { registry }) {
      registry.before = () => {
        throw new Error("away");
      };
      client.send(HELLO);
    },
  },
  "a hello of 70 KiB": {
    code: 1009,
    stranger: (client) => client.send({ ...HELLO, padding: "x".repeat(70 * 1024) }),
  },
  "a hello of 65 KiB": {
    code: 1009,
    stranger: (client) => client.send({ ...HELLO, padding: "x".repeat(65 * 1024) }),
  },
  "a message over 32 MiB": {
    code: 1009,
    node: (client) => client.ws.send(Buffer.alloc(32 * 2 ** 20 + 1, 0x20), { binary: false }),
  },
  "the third bad frame in a minute": {
    code: 4008,
    says: { type: "error", code: 4000, reason: "bad_request" },
    node: (client) => times(3, () => client.raw("{")),
  },
  "the 101st message in a second": {
    code: 4004,
    says: {
      type: "rate_limit",
      reason: "rate_limit_exceeded",
      code: 4004,
      node_name: "lab-7",
      limit_per_second: 100,
    },
    node: (client) => times(101, () => client.send({ type: "ping", ts: stamp() })),
  },
  silence: { code: 4010, options: { staleMs: 100 }, node: () => undefined },
  "a ping without a pong": {
    code: 4010,
    options: { pingMs: 30, pongMs: 60 },
    capabilities: OURS,
    node: () => undefined,
  },
  "a newer session": {
    code: 4007,
    async node(_client, { url, registry }) {
      const newer = await connect(url);
      await login(newer, { name: "lab-7", token: registry.nodes[0]?.token ?? "" });
    },
  },
  "a newer session in another process": {
    code: 4007,
    node: (_client, { registry }) => registry.replaceElsewhere(registry.nodes[0] as never),
  },
  "a revocation": {
    code: 4006,
    says: { type: "bye", reason: "revoked" },
    node: (_client, { registry }) => registry.revoke(registry.nodes[0] as never),
  },
  "a revocation by this process": {
    code: 4006,
    says: { type: "bye", reason: "revoked" },
    node: (_client, { hub, registry }) => hub.revokeLive(registry.nodes[0]?.nodeId ?? ""),
  },
  "a goodbye of the node": {
    code: 1000,
    node: (client) => client.send({ type: "bye", reason: "node_shutdown" }),
  },
  "a stop of the server": {
    code: 1000,
    says: { type: "bye", reason: "server_shutdown" },
    node: (_client, { hub }) => void hub.close(),
  },
  "a stop of the server while a call runs": {
    code: 4005,
    says: { type: "bye", reason: "server_shutdown" },
    async node(client, { hub }) {
      hub.exec("lab-7", { command: "sleep 9" }, { actor: "test" }).catch(() => undefined);
      await client.next("exec");
      void hub.close(50);
    },
  },
  "a stop of the server that is not waited for any more": {
    code: 4005,
    says: { type: "bye", reason: "server_shutdown" },
    async node(client, { hub }) {
      hub.exec("lab-7", { command: "sleep 9" }, { actor: "test" }).catch(() => undefined);
      await client.next("exec");
      void hub.close(600_000);
      hub.hurry();
    },
  },
  "a stop of the server during a handshake": {
    code: 4005,
    async stranger(client, { hub }) {
      await hello(client);
      void hub.close(0);
    },
  },
};

describe("the close code", () => {
  it.each(Object.entries(PATHS))("of %s", async (_what, path) => {
    const started = await startHub(path.options);
    const node = started.registry.add("lab-7");
    const client = await connect(started.url);
    let session: string | null = "none";
    if (path.stranger !== undefined) await path.stranger(client, started);
    else {
      await login(client, { ...node, capabilities: path.capabilities });
      session = node.sessionId;
      await path.node?.(client, started);
    }
    expect(await client.closed).toBe(path.code);
    const last: Frame | undefined = client.received.at(-1);
    if (path.says !== undefined) expect(last).toMatchObject(path.says);
    const connected = started.hub.list().filter(({ status }) => status === "connected");
    expect(connected.map(({ sessionId }) => sessionId)).not.toContain(session);
  });

  it("has a path for each code of the registry", () => {
    const covered = new Set(Object.values(PATHS).map(({ code }) => code));
    expect([...covered].sort()).toEqual(
      Object.values(CLOSE_KINDS)
        .map(({ code }) => code)
        .sort(),
    );
  });
});
