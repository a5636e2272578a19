import { AppError } from "@yardmaster/protocol/core";
import { traceOfEnvironment } from "./transport/trace-context.ts";
import type { ClientOptions } from "./transport/transport.ts";

/**
 * Where `YARD_URL` says that the server is, and the token of `YARD_TOKEN`; in a step, the trace of its run. The token goes to that address alone, so it
 * is not read for a client that is given another.
 */
export function optionsOfEnvironment(env: Environment = environment()): ClientOptions {
  const url = env["YARD_URL"] || undefined;
  if (url === undefined)
    throw new AppError(
      "invalid_request",
      "No server is named: set YARD_URL (and YARD_TOKEN), or give createClient its `url` and `token`",
    );
  return { url, token: env["YARD_TOKEN"] || undefined, trace: traceOfEnvironment(env) };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** None in a browser. */
function environment(): Environment {
  const { process } = globalThis as { readonly process?: { readonly env?: Environment } };
  return process?.env ?? {};
}
