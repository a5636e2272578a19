import { createKeyPair } from "@yardmaster/protocol/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createHold, startHub, type TestHub } from "../hub.fixture.ts";
import {
  BASE,
  connect,
  type Frame,
  login,
  stamp,
  type WireClient,
} from "../wire-client.fixture.ts";

const HELLO = { type: "hello", protocol_version: "0.1.0", node_name: "lab-7", capabilities: BASE };

/** The last frame before the close, and its code. */
async function refusal(client: WireClient): Promise<{ frame: Frame | undefined; code: number }> {
  const code = await client.closed;
  return { frame: client.received.at(-1), code };
}

async function greet(client: WireClient, more: object = {}): Promise<Frame> {
  client.send({ ...HELLO, ...more });
  return await client.next("hello_ack");
}

describe("the handshake", () => {
  it("ignores fields that it does not know (C1)", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const hello = { alpha: 1, beta: { gamma: [null] }, "x-y": "z" };
    const client = await connect(url);
    const ok = await login(client, { ...node, hello });
    expect(ok["session_id"]).toBe(node.sessionId);
    expect(hub.live("lab-7")?.info).toMatchObject({ platform: "linux", nodeVersion: "v0.2.0" });
  });

  it.each([
    ["0.0.9", "0.0.9"],
    ["0.1.0", "0.1.0"],
    ["0.9.0", "0.1.0"],
  ])("agrees on the lower of both versions: %s gives %s (C42)", async (theirs, agreed) => {
    const { registry, url } = await startHub();
    registry.add("lab-7");
    const client = await connect(url);
    const ack = await greet(client, { protocol_version: theirs });
    expect(ack["protocol_version"]).toBe(agreed);
  });

  it("lists what the session may use, and no more: what is not granted is withheld", async () => {
    const { registry, url } = await startHub();
    registry.add("lab-7", {
      grants: { exec: true, read: false, write: true, jobs: true, paths: null },
    });
    const client = await connect(url);
    const capabilities = [...BASE, "task", "binary", "files", "teleport"];
    const ack = await greet(client, { capabilities });
    expect(ack["capabilities"]).toEqual(["exec", "exec_chunk", "write", "files", "binary"]);
  });

  it("lists no files for a node that grants neither way, and no binary messages where they would go in clear", async () => {
    const { registry, url } = await startHub();
    const grants = { exec: true, read: false, write: false, jobs: true, paths: null };
    registry.add("lab-7", { e2e: "preferred", grants });
    const client = await connect(url);
    const capabilities = [...BASE, "binary", "files"];
    const { publicText } = createKeyPair();
    const ack = await greet(client, { capabilities, e2e: true, ecdh_pub: publicText });
    expect(ack["capabilities"]).toEqual(["exec", "exec_chunk"]);
  });

  it("takes a hello without capabilities as one with the least", async () => {
    const { registry, url } = await startHub();
    registry.add("lab-7");
    const client = await connect(url);
    const ack = await greet(client, { capabilities: undefined });
    expect(ack["capabilities"]).toEqual(["exec", "read", "write"]);
  });

  it("answers an unknown name and a wrong token alike, and notes neither", async () => {
    const { registry, url } = await startHub();
    registry.add("lab-7");
    const answers = await Promise.all(
      ["lab-7", "nobody"].map(async (name) => {
        const client = await connect(url);
        const ack = await greet(client, { node_name: name });
        client.send({ type: "auth", node_name: name, token: "x".repeat(43) });
        const { frame, code } = await refusal(client);
        return { ack: { ...ack, session_id: "", server_time: "" }, frame, code };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({
      frame: { type: "auth_err", reason: "invalid_token", code: 4001 },
      code: 4001,
    });
    expect(registry.refusals).toEqual([]);
  });

  it("notes a second machine with a node's token", async () => {
    const { registry, url } = await startHub();
    const { nodeId, token } = registry.add("lab-7");
    registry.conflict = true;
    await expect(login(await connect(url), { name: "lab-7", token })).rejects.toThrow();
    expect(registry.refusals).toEqual([{ nodeId, reason: "name_conflict", address: "127.0.0.1" }]);
  });

  it("lets a node log in so often within a minute, and says when again; others do not mind", async () => {
    const { hub, registry, url } = await startHub({ loginsPerMinute: 3 });
    const node = registry.add("lab-7");
    for (let at = 0; at < 3; at++) await login(await connect(url), node);
    const often = await connect(url);
    await expect(login(often, node)).rejects.toThrow();
    const { frame, code } = await refusal(often);
    expect({ frame, code }).toMatchObject({
      frame: { type: "auth_err", reason: "rate_limit_exceeded", code: 4004 },
      code: 4004,
    });
    expect(frame?.["retry_after_ms"]).toBeGreaterThan(0);
    expect(frame?.["retry_after_ms"]).toBeLessThanOrEqual(60_000);
    expect(hub.live("lab-7")?.status).toBe("connected");
    await login(await connect(url), registry.add("lab-8"));
  });

  it("gives no verdict when the registry is away", async () => {
    const { registry, url } = await startHub();
    const node = registry.add("lab-7");
    for (const away of ["helloPolicy", "verify", "admit"]) {
      registry.before = (step) => {
        if (step === away) throw new Error("the database is away");
      };
      const client = await connect(url);
      client.send(HELLO);
      if (away !== "helloPolicy") {
        await client.next("hello_ack");
        client.send({ type: "auth", node_name: "lab-7", token: node.token });
      }
      const { frame, code } = await refusal(client);
      expect([away, code, frame?.type]).toEqual([
        away,
        1011,
        away === "helloPolicy" ? undefined : "hello_ack",
      ]);
    }
  });

  it("takes nothing but the next frame, and that once", async () => {
    const { registry, url } = await startHub();
    const node = registry.add("lab-7");
    const answer = createHold();
    registry.before = (step) => (step === "verify" ? answer.promise : undefined);
    const client = await connect(url);
    await greet(client);
    client.send({ type: "auth", node_name: "lab-7", token: node.token });
    client.send({ type: "ping", ts: stamp() });
    expect(await refusal(client)).toMatchObject({ frame: { reason: "expected_auth" }, code: 4003 });
    answer.release();
    expect(registry.told).toEqual([]);
  });

  it("leaves the registry when the node hangs up while it is being admitted", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const admission = createHold();
    registry.before = (step) => (step === "admit" ? admission.promise : undefined);
    const client = await connect(url);
    await greet(client);
    client.send({ type: "auth", node_name: "lab-7", token: node.token });
    await vi.waitFor(() => expect(node.sessionId).not.toBeNull());
    client.end();
    await client.closed;
    admission.release();
    await vi.waitFor(() => expect(registry.told.at(-1)?.what).toBe("left"));
    // What the audit says of it: neither by TLS nor end to end.
    expect(registry.told[0]).toMatchObject({ what: "admit", more: { isEncrypted: false } });
    expect(hub.live("lab-7")).toBeUndefined();
  });

  it("refuses a login that was revoked while it was being admitted (C8)", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    registry.before = (step) => {
      if (step === "admit") registry.revoke(node);
    };
    const client = await connect(url);
    await greet(client);
    client.send({ type: "auth", node_name: "lab-7", token: node.token });
    const { frame, code } = await refusal(client);
    expect(frame).toEqual({ type: "auth_err", reason: "revoked", code: 4001 });
    expect([code, hub.live("lab-7")]).toEqual([4001, undefined]);
  });

  it("survives whatever strangers send, and refuses it by the rules", async () => {
    const { registry, url } = await startHub({ failuresPerMinute: 0 });
    registry.add("lab-7");
    const odd = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      fc
        .record(
          {
            type: fc.constantFrom("hello", "auth", "ping", "exec_chunk", "enc", "__proto__"),
            protocol_version: fc.oneof(fc.constant("0.1.0"), fc.string(), fc.integer()),
            node_name: fc.oneof(
              fc.constant("lab-7"),
              fc.string({ unit: "binary" }),
              fc.jsonValue(),
            ),
            capabilities: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
            e2e: fc.boolean(),
            ecdh_pub: fc.string(),
            token: fc.string(),
          },
          { requiredKeys: ["type"] },
        )
        .map((frame) => JSON.stringify(frame)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { minLength: 3, maxLength: 4 }), async (messages) => {
        const client = await connect(url);
        for (const message of messages) client.raw(message.isWellFormed() ? message : "\u0000");
        client.raw(Buffer.from([1, 2, 3]));
        const { frame, code } = await refusal(client);
        expect([4001, 4002, 4003]).toContain(code);
        expect(frame).toMatchObject({ code });
      }),
      { numRuns: 150 },
    );
  });
});

describe("end-to-end encryption", () => {
  const withE2e = async (e2e: "off" | "preferred" | "required"): Promise<TestHub> => {
    const started = await startHub();
    started.registry.add("lab-7", { e2e });
    return started;
  };

  it.each(["preferred", "required"] as const)("carries a session (%s)", async (e2e) => {
    const { hub, registry, url } = await withE2e(e2e);
    const client = await connect(url);
    await login(client, { name: "lab-7", token: tokenOf(registry) });
    expect(hub.live("lab-7")?.isE2e).toBe(true);
    const running = hub.exec("lab-7", { command: "pwd" }, { actor: "test" });
    const exec = await client.next("exec");
    client.send({
      type: "exec_chunk",
      id: exec["id"],
      seq: 1,
      data: "L3NydgoK",
      more: false,
      status: "ok",
    });
    expect((await running).stdout.toString()).toBe("/srv\n\n");
  });

  it("is left out where the policy is off, and the client falls back to its token", async () => {
    const { hub, registry, url } = await withE2e("off");
    const client = await connect(url);
    await login(client, { name: "lab-7", token: tokenOf(registry) });
    expect(hub.live("lab-7")?.isE2e).toBe(false);
  });

  it("is offered where the policy is off but the next token brings it", async () => {
    const { hub, registry, url } = await startHub();
    registry.add("lab-7", { bringsE2e: true });
    const client = await connect(url);
    await login(client, { name: "lab-7", token: tokenOf(registry) });
    expect(hub.live("lab-7")?.isE2e).toBe(true);
  });

  it("lets a token in clear pass where it is preferred, and refuses it where it is required", async () => {
    for (const [e2e, code] of [
      ["preferred", undefined],
      ["required", 4001],
    ] as const) {
      const { hub, registry, url } = await withE2e(e2e);
      const client = await connect(url);
      await greet(client);
      client.send({ type: "auth", node_name: "lab-7", token: tokenOf(registry) });
      if (code === undefined) {
        await client.next("auth_ok");
        expect(hub.live("lab-7")?.isE2e).toBe(false);
      } else {
        const frame = { type: "auth_err", reason: "e2e_required", code };
        expect(await refusal(client)).toEqual({ frame, code });
        expect(registry.refusals).toMatchObject([{ reason: "e2e_required" }]);
      }
    }
  });

  it("tells a node that was renamed its new name, and what to do", async () => {
    const { registry, url } = await startHub();
    registry.add("new name");
    const client = await connect(url);
    await greet(client);
    client.send({ type: "auth", node_name: "lab-7", token: tokenOf(registry) });
    expect(await refusal(client)).toMatchObject({
      frame: {
        reason: "unknown_node",
        detail: expect.stringContaining('write "name": "new name" into its node.json'),
      },
      code: 4001,
    });
    const { nodeId } = nodeOf(registry);
    expect(registry.refusals).toEqual([{ nodeId, reason: "other_name", address: "127.0.0.1" }]);
  });

  it("does not tell who has no token that encryption is required", async () => {
    const { url } = await withE2e("required");
    const client = await connect(url);
    await greet(client);
    client.send({ type: "auth", node_name: "lab-7", token: "x".repeat(43) });
    expect(await refusal(client)).toMatchObject({ frame: { reason: "invalid_token" } });
  });

  it("refuses a proof of another token, and tells the owner of a revoked one", async () => {
    const { registry, url } = await withE2e("preferred");
    const token = tokenOf(registry);
    const wrong = await connect(url);
    await expect(login(wrong, { name: "lab-7", token: "y".repeat(43) })).rejects.toThrow();
    expect(await refusal(wrong)).toMatchObject({ frame: { reason: "invalid_token" }, code: 4001 });
    expect(registry.refusals).toEqual([]);
    registry.change(nodeOf(registry), { isRevoked: true });
    const revoked = await connect(url);
    await expect(login(revoked, { name: "lab-7", token })).rejects.toThrow();
    expect(await refusal(revoked)).toMatchObject({ frame: { reason: "revoked" }, code: 4001 });
    expect(registry.refusals).toMatchObject([{ reason: "node_revoked" }]);
  });

  it("refuses a key of small order", async () => {
    const { url } = await withE2e("preferred");
    const client = await connect(url);
    client.send({ ...HELLO, e2e: true, ecdh_pub: Buffer.alloc(32).toString("base64url") });
    expect(await refusal(client)).toMatchObject({ frame: { reason: "bad_hello" }, code: 4003 });
  });

  it.each([
    ["a plain frame", (client: WireClient) => client.raw(JSON.stringify({ type: "ping" }))],
    ["a binary message", (client: WireClient) => client.raw(Buffer.from("{}"))],
    ["a forged frame", (client: WireClient) => client.raw(enc("A".repeat(60)))],
    ["a replayed frame", (client: WireClient) => replay(client)],
    ["a reflected frame", (client: WireClient) => reflect(client)],
  ])("ends at %s with 4008 (C32)", async (_what, attack) => {
    const { registry, url } = await withE2e("required");
    const client = await connect(url);
    await login(client, { name: "lab-7", token: tokenOf(registry) });
    attack(client);
    expect(await client.closed).toBe(4008);
  });
});

function enc(data: string): string {
  return JSON.stringify({ type: "enc", data });
}

function replay(client: WireClient): void {
  const send = client.ws.send.bind(client.ws);
  const sent: Buffer[] = [];
  client.ws.send = ((bytes: Buffer, ...rest: [object]) => {
    sent.push(bytes);
    (send as (...all: unknown[]) => void)(bytes, ...rest);
  }) as typeof client.ws.send;
  client.send({ type: "pong", ts: stamp() });
  client.ws.send = send;
  client.raw(Buffer.concat(sent).toString());
}

/** What the server sent comes back to it. */
function reflect(client: WireClient): void {
  client.ws.once("message", (bytes: Buffer) => client.raw(bytes.toString()));
  client.send({ type: "ping", ts: stamp() });
}

function nodeOf(registry: TestHub["registry"]) {
  const node = registry.nodes.at(-1);
  if (node === undefined) throw new Error("no node was added");
  return node;
}

function tokenOf(registry: TestHub["registry"]): string {
  return nodeOf(registry).token;
}
