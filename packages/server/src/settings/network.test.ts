import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

const read = (env: { readonly [name: string]: string }) => readSettings([], env, "/etc/yard");

test("nothing is believed, served or allowed beyond what is set", () => {
  expect(read({})).toMatchObject({
    tls: undefined,
    trustProxy: [],
    insecure: false,
    nodesListener: undefined,
  });
});

test("the files of TLS are found from the folder of the server, and come together or not at all", () => {
  expect(read({ YARD_TLS_CERT: "tls/cert.pem", YARD_TLS_KEY: "/secret/key.pem" }).tls).toEqual({
    certPath: "/etc/yard/tls/cert.pem",
    keyPath: "/secret/key.pem",
  });
  expect(() => read({ YARD_TLS_CERT: "cert.pem" })).toThrow(
    "YARD_TLS_KEY: is needed with YARD_TLS_CERT",
  );
  expect(() => read({ YARD_TLS_KEY: "key.pem" })).toThrow(
    "YARD_TLS_CERT: is needed with YARD_TLS_KEY",
  );
});

test("proxies are addresses and ranges", () => {
  expect(read({ YARD_TRUST_PROXY: "10.0.0.0/8, ::1,fd00::/8" }).trustProxy).toEqual([
    "10.0.0.0/8",
    "::1",
    "fd00::/8",
  ]);
});

test.each(["proxy.internal", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/9", "::1/129", "10.0.0.0/-1"])(
  "%s is no proxy, and refused at the start",
  (text) => {
    expect(() => read({ YARD_TRUST_PROXY: `127.0.0.1,${text}` })).toThrow(
      /YARD_TRUST_PROXY: is no address or range; write for example/,
    );
  },
);

test("a listener for nodes alone listens where the other does unless told", () => {
  expect(read({ YARD_NODES_PORT: "7000" }).nodesListener).toEqual({
    host: "127.0.0.1",
    port: 7000,
  });
  const apart = { YARD_NODES_PORT: "7000", YARD_NODES_HOST: "0.0.0.0" };
  expect(read(apart).nodesListener).toEqual({ host: "0.0.0.0", port: 7000 });
});

test("an address for nodes alone is refused without its port: it would do nothing", () => {
  expect(() => read({ YARD_NODES_HOST: "0.0.0.0" })).toThrow(
    "YARD_NODES_PORT: is needed with YARD_NODES_HOST",
  );
});

test.each([
  ["1", true],
  ["true", true],
  ["no", false],
])("YARD_INSECURE=%s is %s", (text, insecure) => {
  expect(read({ YARD_INSECURE: text }).insecure).toBe(insecure);
});
