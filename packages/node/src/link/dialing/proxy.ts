import type { Socket } from "node:net";
import { isLoopback } from "../../config/server-url.ts";

const PORTS = new Map([
  ["wss:", "443"],
  ["https:", "443"],
  ["ws:", "80"],
  ["http:", "80"],
]);

/** The port of an address, also where it goes without saying. */
export function portOf(url: URL): number {
  return Number(url.port || PORTS.get(url.protocol));
}

/**
 * The proxy on the way to a server: the owner's setting (`direct` for none), else the usual variables of the
 * environment. A server on this machine needs none unless the owner says so.
 * @throws Error where the environment names one that cannot be used: past it there may be no way that is allowed
 */
export function proxyFor(
  url: URL,
  setting: string | undefined,
  env: NodeJS.ProcessEnv,
): URL | undefined {
  if (setting === "direct") return undefined;
  if (setting !== undefined) return new URL(setting);
  if (isLoopback(url.hostname) || isExempt(url, variable(env, "no_proxy"))) return undefined;
  const isSecure = url.protocol === "wss:" || url.protocol === "https:";
  return proxyOf(env, isSecure ? "https_proxy" : "http_proxy") ?? proxyOf(env, "all_proxy");
}

/** People leave `http://` out. */
function proxyOf(env: NodeJS.ProcessEnv, name: string): URL | undefined {
  const text = variable(env, name);
  if (text === undefined) return undefined;
  const whole = text.includes("://") ? text : `http://${text}`;
  const proxy = URL.canParse(whole) ? new URL(whole) : undefined;
  if (proxy?.protocol === "http:" || proxy?.protocol === "https:") return proxy;
  const what = proxy === undefined ? "is no address" : `begins with ${proxy.protocol}//`;
  throw new Error(
    `the proxy of ${name.toUpperCase()} ${what}; write it like http://proxy:3128, or name another in node.json as proxy_url (--proxy URL), "direct" for none`,
  );
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

/** `NO_PROXY`: hosts, domains (with or without a dot in front), each with an optional port; `*` is all. */
function isExempt(url: URL, list: string | undefined): boolean {
  const host = url.hostname.toLowerCase();
  return (list ?? "")
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      const domain = name.replace(/^\*?\./, "");
      const isPort = port === undefined || Number(port) === portOf(url);
      return isPort && domain !== "" && (host === domain || host.endsWith(`.${domain}`));
    });
}

/** More than any proxy has to say before the tunnel stands. */
const ANSWER_BYTES = 16 * 1024;

/** Asks a proxy for a tunnel to a server (RFC 9110 §9.3.6); resolves when it stands. */
export async function openTunnel(socket: Socket, target: URL, proxy: URL): Promise<void> {
  const host = `${target.hostname}:${portOf(target)}`;
  socket.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n${authorization(proxy)}\r\n`);
  const answer = await headOf(socket);
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(answer) ?? [];
  if (status?.startsWith("2") === true) return;
  const why = status === "407" ? "wants another user or password" : "refused the tunnel";
  const [said = ""] = answer.split("\r\n");
  throw new Error(`the proxy ${why} (${said.slice(0, 200).replace(/[^\x20-\x7e]+/g, " ")})`);
}

function authorization({ username, password }: URL): string {
  if (username === "" && password === "") return "";
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(credentials).toString("base64")}\r\n`;
}

/** A `%` that begins no escape was meant as one. */
function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function headOf(socket: Socket): Promise<string> {
  let received = Buffer.alloc(0);
  return new Promise((done, fail) => {
    const onData = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const end = received.indexOf("\r\n\r\n");
      if (end === -1 && received.length <= ANSWER_BYTES) return;
      stop();
      if (end === -1) return fail(new Error("the proxy's answer has no end"));
      // In a tunnel we speak first, be it TLS or HTTP: nothing of the server's can follow.
      done(received.toString("latin1", 0, end));
    };
    const onEnd = () => {
      stop();
      fail(new Error("the proxy closed the connection before the tunnel stood"));
    };
    const stop = () => {
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
    };
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
  });
}
