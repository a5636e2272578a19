import { createSession } from "../rpc/session.ts";
import type { AttemptContext, AttemptResult } from "../runner.ts";
import { createAsking, type HttpServer, type HttpSetup } from "./asking.ts";
import { askedTooMuch, callTool, offered, takeBack } from "./call.ts";
import { lateText } from "./end-text.ts";
import { endedBy, outcomeOf } from "./outcome.ts";
import type { Call } from "./stdio.ts";
import { createStop, whyText } from "./stopped.ts";
import { createHttpWire } from "./streamable.ts";

/** One call of a tool whose server is at an address. Its session is ended when the attempt is. */
export async function callOverHttp(
  server: HttpServer,
  { tool, teller, read, maxMessageBytes }: Call,
  context: AttemptContext,
  setup: HttpSetup,
): Promise<AttemptResult> {
  const startedMs = performance.now();
  const breaking = new AbortController();
  const stop = createStop(context);
  const wire = createHttpWire({
    asking: createAsking(server, tool.tool, context, setup),
    tool,
    receive: (message) => session.receive(message),
    isAnswered: (id) => !session.awaits(id),
    signal: breaking.signal,
    maxMessageBytes,
  });
  const session = createSession(wire, {
    offered,
    notified: teller.notified,
    askedTooMuch: (what) => askedTooMuch(tool, what),
  });
  try {
    const outcome = await outcomeOf(callTool(session, wire, tool), stop.reason);
    // What is open is nothing more once the requests are broken off: both look at it before.
    const late = lateText(session, tool, 0);
    const isLost = outcome.kind === "stopped" && outcome.why === "lease_lost";
    if (outcome.kind === "stopped" && !isLost)
      await takeBack(session, whyText(outcome.why)).catch(() => {});
    breaking.abort();
    if (!isLost) await wire.close();
    const durationMs = Math.round(performance.now() - startedMs);
    const facts = { durationMs };
    return { ...endedBy(outcome, { timeoutMs: context.timeoutMs, late, read }), facts };
  } finally {
    stop.clear();
    breaking.abort();
  }
}
