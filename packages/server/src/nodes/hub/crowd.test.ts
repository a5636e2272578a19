import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { inOwnTurn } from "../../json/own-turn.fixture.ts";
import { startHub, type TestHub } from "./hub.fixture.ts";
import { connect, login, stamp } from "./wire-client.fixture.ts";
import { chunk, startYardClient, type YardClient } from "./yard-client.fixture.ts";

const BY = { actor: "token:test" };

describe("a crowd of strangers", () => {
  it("is kept out beyond its limits, and lets nodes in again when it goes (C34)", async () => {
    const { hub, registry, url, counted } = await startHub({ strangersPerAddress: 50 });
    const node = registry.add("lab-7");
    const idle = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const ws = new WebSocket(url);
        const refused = new Promise<number>((resolve) => {
          ws.on("unexpected-response", (_request, response) => {
            resolve(response.statusCode ?? 0);
            response.destroy();
          });
          ws.on("open", () => resolve(101));
          ws.on("error", () => resolve(0));
        });
        return { ws, status: await refused };
      }),
    );
    const statuses = idle.map(({ status }) => status);
    expect(statuses.filter((status) => status === 101)).toHaveLength(50);
    expect(statuses.filter((status) => status === 429)).toHaveLength(950);
    expect(counted.filter((what) => what === "handshake too_many")).toHaveLength(950);
    for (const { ws } of idle) ws.terminate();
    await vi.waitFor(async () => {
      const client = await connect(url);
      await login(client, node);
    });
    expect(hub.live("lab-7")?.status).toBe("connected");
  });

  it("is kept out for a while when its logins fail", async () => {
    const { registry, url } = await startHub({ failuresPerMinute: 3 });
    registry.add("lab-7");
    for (let at = 0; at < 3; at++) {
      const client = await connect(url);
      client.raw("nonsense");
      await client.closed;
    }
    await expect(connect(url)).rejects.toThrow("429");
  });

  it("is kept out for a while when it asks what names may do and shows no token", async () => {
    const { registry, url, counted } = await startHub({ failuresPerMinute: 3 });
    registry.add("lab-7");
    const hungUp = () => counted.filter((what) => what.startsWith("handshake hung_up"));
    for (let at = 1; at <= 4; at++) {
      const unseen = await connect(url);
      unseen.end();
      await vi.waitFor(() => expect(hungUp()).toHaveLength(at));
    }
    for (let at = 5; at <= 7; at++) {
      const client = await connect(url);
      client.send({ type: "hello", protocol_version: "0.1.0", node_name: `guess-${at}` });
      await client.next("hello_ack");
      client.end();
      await vi.waitFor(() => expect(hungUp()).toHaveLength(at));
    }
    await expect(connect(url)).rejects.toThrow("429");
  });

  it("gets plain answers to what is no upgrade of ours", async () => {
    const { url } = await startHub();
    await expect(connect(url.replace("/ws/nodes", "/ws/other"))).rejects.toThrow("404");
    const [status] = await rawUpgrade(url, "Sec-WebSocket-Key: nonsense");
    expect(status).toContain("400");
  });

  it("comes by TLS, but from this machine: a declared proxy says how it was reached", async () => {
    const { url } = await startHub({ proxies: ["127.0.0.1"] });
    const by = (proto: string) => ({
      headers: { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": proto },
    });
    await expect(connect(url, by("http"))).rejects.toThrow("403");
    await connect(url, by("https"));
    const { url: anywhere } = await startHub({ proxies: ["127.0.0.1"], plain: "anywhere" });
    await connect(anywhere, by("http"));
  });

  it("does not hold the memory of messages that it only announces", async () => {
    const { registry, url } = await startHub();
    registry.add("lab-7");
    const [, socket] = await rawUpgrade(url, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
    // A masked text frame of 30 MiB, of which 100 KiB come.
    const header = Buffer.alloc(14);
    header[0] = 0x81;
    header[1] = 0xff;
    header.writeBigUInt64BE(BigInt(30 * 2 ** 20), 2);
    socket.write(Buffer.concat([header, Buffer.alloc(100 * 1024, 0x20)]));
    const [frame] = (await once(socket, "data")) as [Buffer];
    expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 1009]);
    await once(socket, "close");
  });
});

async function rawUpgrade(url: string, key: string): Promise<[string, Socket]> {
  const { port, pathname } = new URL(url);
  const socket = connectTcp(Number(port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  return [answer.toString().split("\r\n", 1)[0] ?? "", socket];
}

describe("many nodes", () => {
  async function startNodes(count: number): Promise<TestHub & { yards: YardClient[] }> {
    const started = await startHub({ queueBytes: 2 * 2 ** 20, writeMs: 60_000 });
    const yards = [];
    for (let at = 0; at < count; at++)
      yards.push(await startYardClient(started.url, started.registry.add(`n-${at}`)));
    return { ...started, yards };
  }

  it("are not held up by one that takes nothing (C36)", async () => {
    const { hub, yards } = await startNodes(40);
    const [stalled, ...others] = yards;
    stalled?.ws.pause();
    const content = Buffer.alloc(2 ** 20);
    let isStuck = true;
    const stuck = Array.from({ length: 12 }, () =>
      hub
        .write("n-0", { path: "/x", content }, BY)
        .catch((error: unknown) => (error as { code: string }).code),
    );
    void Promise.all(stuck).then(() => {
      isStuck = false;
    });
    expect(await Promise.race(stuck)).toBe("node_busy");
    for (const yard of others) {
      yard.ws.on("message", (bytes: Buffer) => {
        const frame = JSON.parse(bytes.toString()) as { type: string; id: string };
        if (frame.type === "exec") yard.finish(frame.id);
      });
    }
    for (let round = 0; round < 5; round++)
      await Promise.all(others.map((_, at) => hub.exec(`n-${at + 1}`, { command: "true" }, BY)));
    expect(isStuck).toBe(true);
  });

  it("are cut when they take nothing for too long", async () => {
    const { hub, registry, url, counted } = await startHub({ writeMs: 200 });
    const yard = await startYardClient(url, registry.add("lab-7"));
    await yard.next("ping");
    yard.send({ type: "ping", ts: stamp() });
    await yard.next("pong");
    yard.ws.pause();
    const content = Buffer.alloc(10 * 2 ** 20);
    const write = hub.write("lab-7", { path: "/x", content }, BY);
    write.catch(() => undefined);
    await vi.waitFor(() => expect(hub.live("lab-7")?.status).toBe("reconnecting"));
    expect(counted).toContain("closed 1006");
  });

  it("have their large messages read in a turn each, and what follows behind them", async () => {
    const { yards } = await startNodes(1);
    const [yard] = yards as [YardClient];
    const [large, small] = [stamp(), "after it"];
    await inOwnTurn(async () => {
      yard.send({ type: "ping", ts: large, more: "a".repeat(200_000) });
      yard.send({ type: "ping", ts: small });
      expect(await yard.next("pong")).toMatchObject({ echo_ts: large });
    });
    expect(await yard.next("pong")).toMatchObject({ echo_ts: small });
  });

  it("get every frame whole, however many are sent at once (C35)", async () => {
    const { hub, yards } = await startNodes(1);
    const [yard] = yards as [YardClient];
    const running = hub.exec("n-0", { command: "cat", stdin: "pipe" }, BY);
    const { id } = await yard.next("exec");
    let seq = 0;
    let pongs = 0;
    const done = new Promise<void>((resolve) => {
      yard.ws.on("message", (bytes: Buffer) => {
        const frame = JSON.parse(bytes.toString()) as { type: string; seq: number };
        if (frame.type === "pong") pongs++;
        if (frame.type === "exec_input") {
          expect(frame.seq).toBe(++seq);
          if (seq === 30_000) resolve();
        }
      });
    });
    for (let at = 0; at < 300; at++) {
      const given = Array.from({ length: 100 }, (_, byte) =>
        hub.input("n-0", id as string, { bytes: Buffer.alloc(byte * 3, byte) }),
      );
      if (at % 10 === 0) yard.send({ type: "ping", ts: stamp() });
      await Promise.all(given);
    }
    await done;
    await vi.waitFor(() => expect(pongs).toBe(30));
    yard.send(chunk(id, 1, "x"));
    yard.finish(id, { seq: 2 });
    await running;
  });
});
