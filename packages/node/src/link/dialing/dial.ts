import { isAppError } from "@yardmaster/protocol/core";
import { NODE_LIMITS, NODE_TIMES } from "@yardmaster/protocol/node";
import { WebSocket } from "ws";
import { readAuthority } from "../../config/authority.ts";
import type { Config } from "../../config/config.ts";
import { readServerUrl } from "../../config/server-url.ts";
import { openStream, type StreamOptions } from "./open-stream.ts";
import { proxyFor } from "./proxy.ts";
import { whyRefused } from "./refused-upgrade.ts";
import { unreachable, unreachableReason } from "./unreachable.ts";

export interface DialOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

type Way = Pick<Config, "ca_cert" | "pin" | "proxy_url">;

/**
 * How to get to a server. Reads the file of its authority each time: it may have been renewed.
 * @throws AppError `invalid_setting` where that cannot be read
 */
export async function streamOptions(
  url: URL,
  way: Way,
  { env, signal }: Pick<DialOptions, "env" | "signal">,
): Promise<StreamOptions> {
  const caCert = way.ca_cert === undefined ? undefined : await readAuthority(way.ca_cert);
  return { caCert, pin: way.pin, proxy: proxyFor(url, way.proxy_url, env), signal };
}

/**
 * Opens a WebSocket to the server, within ten seconds. Redirects are not followed: they could lead the token
 * anywhere. Rejects with one sentence that says what failed and where.
 */
export async function dial(config: Config, options: DialOptions): Promise<WebSocket> {
  const { timeoutMs = NODE_TIMES.handshakeMs } = options;
  const url = readServerUrl(config.server);
  if (typeof url === "string") throw new Error(`the server's address ${url}`);
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  let way: StreamOptions | undefined;
  try {
    way = await streamOptions(url.link, config, { env: options.env, signal });
    return await upgraded(url.link, await openStream(url.link, way), signal);
  } catch (cause) {
    // Nothing was asked of the server.
    if (isAppError(cause)) throw cause;
    const isLate = cause === deadline.reason;
    const why = isLate
      ? `no answer within ${timeoutMs / 1000} s`
      : unreachableReason(url.link, cause);
    throw new Error(unreachable(url.link, way?.proxy, why), { cause });
  }
}

function upgraded(
  url: URL,
  stream: Awaited<ReturnType<typeof openStream>>,
  signal: AbortSignal,
): Promise<WebSocket> {
  const socket = new WebSocket(url, {
    createConnection: () => stream,
    followRedirects: false,
    maxPayload: NODE_LIMITS.inboundBytes,
    perMessageDeflate: false,
  });
  return new Promise((done, fail) => {
    const onAbort = () => {
      fail(signal.reason as Error);
      socket.terminate();
    };
    const settle = () => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    // Stays on: an error of a socket that nobody listens to would end the process.
    socket.on("error", (error) => {
      settle();
      fail(error);
      stream.destroy();
    });
    socket.once("unexpected-response", (_, response) => {
      whyRefused(response, (why) => {
        settle();
        fail(new Error(why));
        stream.destroy();
      });
    });
    socket.once("open", () => {
      settle();
      done(socket);
    });
    if (signal.aborted) onAbort();
  });
}
