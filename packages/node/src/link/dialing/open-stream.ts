import { createHash } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from "node:tls";
import { openTunnel, portOf } from "./proxy.ts";
import { unreachableReason } from "./unreachable.ts";
import { isUntrusted, untrusted } from "./untrusted.ts";

const KEEP_ALIVE_MS = 30_000;

export interface StreamOptions {
  /** PEM of the only authorities to trust; absent: the system's. */
  readonly caCert: string | undefined;
  /** SHA-256 of the server's own certificate, in hex. */
  readonly pin: string | undefined;
  readonly proxy: URL | undefined;
  readonly signal: AbortSignal;
}

/** Before the tunnel stands, it is not the server that is slow. */
const SILENT_PROXY = new Error("the proxy does not answer");

/**
 * A stream to a server: TCP, through a proxy where there is one, and TLS of at least 1.2 for a `wss:` or `https:`
 * address. Nothing of ours has been written when it resolves. Rejects with one sentence.
 */
export async function openStream(url: URL, options: StreamOptions): Promise<Socket> {
  const { proxy, signal } = options;
  signal.throwIfAborted();
  if (proxy === undefined) return await openSocket(url, options);
  const socket = await openSocket(proxy, options).catch((cause: unknown) => {
    if (signal.aborted) throw SILENT_PROXY;
    const why = unreachableReason(proxy, cause);
    throw new Error(`the proxy cannot be reached: ${why}`, { cause });
  });
  try {
    await abortable(openTunnel(socket, url, proxy), signal).catch((cause: unknown) => {
      throw signal.aborted ? SILENT_PROXY : cause;
    });
    return isSecure(url) ? await securedToServer(url, socket, options) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function isSecure({ protocol }: URL): boolean {
  return protocol === "wss:" || protocol === "https:";
}

/** To the server, or to the proxy: whose certificate is its own matter, so neither pin nor authority are for it. */
async function openSocket(url: URL, options: StreamOptions): Promise<Socket> {
  const socket = connectTcp({ host: hostOf(url), port: portOf(url), noDelay: true });
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  await connected(socket, "connect", options.signal);
  if (!isSecure(url)) return socket;
  if (options.proxy === undefined) return await securedToServer(url, socket, options);
  return await secured(url, socket, { ...options, caCert: undefined, pin: undefined });
}

async function securedToServer(url: URL, socket: Socket, options: StreamOptions): Promise<Socket> {
  return await secured(url, socket, options).catch((error: unknown) => {
    throw isUntrusted(error) ? untrusted(error, options) : error;
  });
}

async function secured(url: URL, socket: Socket, options: StreamOptions): Promise<Socket> {
  const host = hostOf(url);
  const secure = connectTls({
    socket,
    host,
    // A name for the server to choose its certificate by; addresses may not be sent (RFC 6066 §3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: "TLSv1.2",
    // Said aloud: an environment variable must not be able to turn it off.
    rejectUnauthorized: true,
    ...(options.caCert === undefined ? {} : { ca: options.caCert }),
    checkServerIdentity: (_, certificate) =>
      checkServerIdentity(host, certificate) ?? pinFlaw(certificate, options.pin),
  });
  await connected(secure, "secureConnect", options.signal);
  return secure;
}

/** Checked on top of the chain, never in its place. */
function pinFlaw({ raw }: PeerCertificate, pin: string | undefined): Error | undefined {
  if (pin === undefined) return undefined;
  const seen = createHash("sha256").update(raw).digest("hex");
  if (seen === pin) return undefined;
  return new Error(`the server's certificate is not the pinned one (its SHA-256 is ${seen})`);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function connected(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  // Stays on: between one owner and the next, an error that nobody listens to would end the process.
  socket.on("error", () => {});
  const open = new Promise<void>((done, fail) => {
    socket.once(event, () => {
      socket.off("error", fail).off("close", onClose);
      done();
    });
    const onClose = () => fail(new Error("the connection was closed before it stood"));
    socket.once("error", fail).once("close", onClose);
  });
  return abortable(open, signal).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** The promise, or the signal's reason where that comes first. */
function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((done, fail) => {
    const onAbort = () => fail(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(done, fail).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
