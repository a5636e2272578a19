import type { McpSpec } from "@yardmaster/kernel";
import type { Json, JsonObject, WorkError } from "@yardmaster/protocol";
import { lostResult } from "../process/outcome.ts";
import { createSession, type Session } from "../rpc/session.ts";
import type { AttemptContext, AttemptResult } from "../runner.ts";
import { askedTooMuch, callTool, offered, type ToolCall, takeBack, type Wire } from "./call.ts";
import { beyond, endedEarly, lateText, tooLong } from "./end-text.ts";
import { readLines } from "./line-reader.ts";
import { endedBy, type Outcome, outcomeOf } from "./outcome.ts";
import { type ServerProcess, type ServerSetup, startServer } from "./server-process.ts";
import { createStop, type Stopping, whyText } from "./stopped.ts";
import type { Teller } from "./teller.ts";

/** What both ways to a server have in common. */
export interface Call {
  readonly tool: ToolCall;
  readonly teller: Teller;
  /** The output, of what the server gave. */
  readonly read: (result: JsonObject) => { readonly output: Json } | WorkError;
  readonly maxMessageBytes: number;
}

/** One call of a tool whose server is started for it, and has ended when the attempt has. */
export async function callOverStdio(
  spec: McpSpec,
  env: { readonly [name: string]: string },
  call: Call,
  context: AttemptContext,
  setup: ServerSetup,
): Promise<AttemptResult> {
  const stop = createStop(context);
  try {
    const server = await startServer(spec, env, context, setup);
    if ("status" in server) return server;
    return await callServer(server, call, stop, context);
  } finally {
    stop.clear();
  }
}

async function callServer(
  server: ServerProcess,
  { tool, teller, read, maxMessageBytes }: Call,
  stop: Stopping,
  { timeoutMs }: AttemptContext,
): Promise<AttemptResult> {
  const wire: Wire = {
    send: async (message) => server.write(`${JSON.stringify(message)}\n`),
    agreed: () => {},
  };
  const session = createSession(wire, {
    offered,
    notified: teller.notified,
    askedTooMuch: (what) => askedTooMuch(tool, what),
  });
  const lines = readLines(server.stdout, maxMessageBytes, {
    message: session.receive,
    stray: teller.stray,
    beyond: (problem) => session.fail(beyond(tool, problem)),
    tooLong: () => session.fail(tooLong(tool, maxMessageBytes)),
    end: server.leave,
  });
  const ended = server.ended.then(async (end) => {
    await lines.settled();
    const said = { stderr: server.stderr.tail(), strays: lines.strays() };
    session.fail(endedEarly(tool, end.ending, said));
    return end;
  });
  try {
    const outcome = await outcomeOf(callTool(session, wire, tool), stop.reason);
    const late = lateText(session, tool, lines.strays());
    await breakOff(outcome, session, server);
    server.leave();
    const { ending, facts } = await ended;
    if (outcome.kind === "failed" && ending.lost) return lostResult(facts);
    return { ...endedBy(outcome, { timeoutMs, late, read }), facts };
  } finally {
    server.leave();
    await ended;
  }
}

async function breakOff(outcome: Outcome, session: Session, server: ServerProcess): Promise<void> {
  if (outcome.kind !== "stopped") return;
  if (outcome.why === "lease_lost") return server.kill();
  await takeBack(session, whyText(outcome.why)).catch(() => {});
}
