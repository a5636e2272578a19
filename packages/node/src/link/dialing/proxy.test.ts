import { expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const SERVER = new URL("wss://yard.example.org/ws/nodes");
const ENV = { HTTPS_PROXY: "http://proxy:3128", http_proxy: "http://plain:3128" };

function hostFor(url: string, env: NodeJS.ProcessEnv, setting?: string): string | undefined {
  return proxyFor(new URL(url), setting, env)?.host;
}

test("the owner's setting wins over the environment, and direct means none", () => {
  expect(hostFor(SERVER.href, ENV, "http://mine:1")).toBe("mine:1");
  expect(hostFor(SERVER.href, ENV, "direct")).toBeUndefined();
});

test("the environment's proxy is that of the scheme", () => {
  expect(hostFor(SERVER.href, ENV)).toBe("proxy:3128");
  expect(hostFor("ws://yard.example.org/", ENV)).toBe("plain:3128");
  expect(hostFor(SERVER.href, { ALL_PROXY: "http://all:1" })).toBe("all:1");
  expect(hostFor(SERVER.href, {})).toBeUndefined();
});

test("a proxy of the environment may leave its scheme out, and one of another kind is told, not passed by", () => {
  expect(hostFor(SERVER.href, { HTTPS_PROXY: "proxy:3128" })).toBe("proxy:3128");
  expect(hostFor(SERVER.href, { HTTPS_PROXY: "10.0.0.1:3128" })).toBe("10.0.0.1:3128");
  const socks = () => hostFor(SERVER.href, { ALL_PROXY: "socks5://me:secret@proxy:1080" });
  expect(socks).toThrow(/^the proxy of ALL_PROXY begins with socks5:\/\/; write it like http:/);
  expect(() => hostFor(SERVER.href, { https_proxy: "http://" })).toThrow("is no address");
});

test.each([
  "yard.example.org",
  ".example.org",
  "*.example.org",
  "example.org:443",
  "a, example.org",
  "*",
])("NO_PROXY of %s keeps to the direct way", (list) => {
  expect(hostFor(SERVER.href, { ...ENV, NO_PROXY: list })).toBeUndefined();
});

test.each(["ard.example.org", "example.org:80", "example.com", ""])(
  "NO_PROXY of %j does not hold for another server",
  (list) => {
    expect(hostFor(SERVER.href, { ...ENV, no_proxy: list })).toBe("proxy:3128");
  },
);

test("a server on this machine is reached directly", () => {
  const env = { ALL_PROXY: "http://all:1" };
  for (const url of ["ws://localhost:4400", "wss://127.0.0.1", "ws://[::1]:1"]) {
    expect(hostFor(url, env)).toBeUndefined();
  }
  expect(hostFor("ws://localhost:4400", env, "http://mine:1")).toBe("mine:1");
});
