import { request } from "node:http";
import type { Socket } from "node:net";
import { AppError, type ErrorCode, isAppError } from "@yardmaster/protocol/core";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import type { ServerUrl } from "../config/server-url.ts";
import { streamOptions } from "../link/dialing/dial.ts";
import { openStream, type StreamOptions } from "../link/dialing/open-stream.ts";
import { unreachable, unreachableReason } from "../link/dialing/unreachable.ts";
import { archName, platformName } from "../link/identity.ts";
import { NODE_VERSION } from "../version.ts";

const ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 15_000;

const answerSchema = z.object({
  name: z.string().min(1),
  token: z.string().min(1),
  e2e: z.enum(["off", "preferred", "required"]).default("off"),
});
export type SwappedToken = z.infer<typeof answerSchema>;

const problemSchema = z.object({ detail: z.string() });

export interface SwapOptions {
  readonly url: ServerUrl;
  readonly token: string;
  readonly name: string | undefined;
  readonly way: Pick<Config, "ca_cert" | "pin" | "proxy_url">;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Swaps a pairing token for the lasting one (`POST /v1/nodes/pair`), over the same way that the link will take. It
 * works once. Throws `AppError`: invalid_setting before anything is sent, unauthorized, rate_limited, unavailable and,
 * where the answer is of no such server, invalid_request.
 */
export async function swapToken({
  url,
  token,
  name,
  way,
  env,
}: SwapOptions): Promise<SwappedToken> {
  const body = JSON.stringify({
    token,
    ...(name === undefined ? {} : { name }),
    node_version: NODE_VERSION,
    platform: platformName(),
    arch: archName(),
  });
  const { status, text } = await posted(url.pairing, body, way, env);
  if (status !== 200) throw refused(url.pairing, status, text);
  const answer = answerSchema.safeParse(jsonOf(text));
  if (answer.success) return answer.data;
  throw new AppError(
    "invalid_request",
    `${url.pairing.href} does not answer like a Yardmaster server`,
  );
}

async function posted(
  url: URL,
  body: string,
  way: SwapOptions["way"],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let options: StreamOptions | undefined;
  try {
    options = await streamOptions(url, way, { env, signal });
    return await exchanged(url, await openStream(url, options), body, signal);
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    const isLate = cause === signal.reason || (cause as Error).name === "AbortError";
    const why = isLate ? `no answer within ${TIMEOUT_MS / 1000} s` : unreachableReason(url, cause);
    throw new AppError("unavailable", unreachable(url, options?.proxy, why), { cause });
  }
}

function exchanged(
  url: URL,
  stream: Socket,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const headers = {
    host: url.host,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const asked = { method: "POST", path: url.pathname, headers, signal };
  return new Promise((done, fail) => {
    // The stream is already TLS where it should be.
    const outgoing = request({ ...asked, createConnection: () => stream }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.length > ANSWER_BYTES) answer.destroy(new Error("its answer is too long"));
      });
      answer.on("error", fail).on("end", () => {
        stream.destroy();
        done({ status: answer.statusCode ?? 0, text });
      });
    });
    outgoing.on("error", fail).end(body);
  });
}

function refused(url: URL, status: number, text: string): AppError {
  const problem = problemSchema.safeParse(jsonOf(text));
  const said = problem.success ? problem.data.detail : `it answered ${status}`;
  const code = CODES.get(status) ?? (status >= 500 ? "unavailable" : "invalid_request");
  return new AppError(code, `${url.origin} did not take the pairing token: ${said}`);
}

const CODES = new Map<number, ErrorCode>([
  [401, "unauthorized"],
  [403, "forbidden"],
  [409, "conflict"],
  [429, "rate_limited"],
]);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
