import type { WorkError } from "@yardmaster/protocol";
import { describeBytes } from "../limits.ts";
import { lastLines } from "../process/stderr-tail.ts";
import type { Ending } from "../process/supervise.ts";
import type { Session } from "../rpc/session.ts";
import type { ToolCall } from "./call.ts";
import { sentence, trouble } from "./failed.ts";

/** The server has ended, or has closed its stdout, and there is no answer. */
export function endedEarly(
  { server, tool }: ToolCall,
  { exitCode, exitSignal, stopped }: Ending,
  { stderr, strays }: { readonly stderr: string; readonly strays: number },
): WorkError {
  const own = exitSignal === null ? `exited with code ${exitCode}` : `was ended by ${exitSignal}`;
  const how = stopped === undefined ? own : "closed its stdout";
  const last = lastLines(stderr);
  const said = last === "" ? ", without a word on stderr." : `: ${last}`;
  return trouble(
    "ended",
    `${server} ${how} before its tool "${tool}" had answered${said}${strayText(strays)}`,
    {
      ...(stopped === undefined && exitCode !== null && { exit_code: exitCode }),
      ...(stopped === undefined && exitSignal !== null && { signal: exitSignal }),
    },
  );
}

export function tooLong({ server, tool }: ToolCall, maxBytes: number): WorkError {
  const message = sentence(
    `${server} sent a message of more than ${describeBytes(maxBytes)} while its tool "${tool}" was called. Ask the tool for less, or let it keep large results elsewhere and return where.`,
  );
  return { code: "limit_exceeded", message, details: { limit_bytes: maxBytes } };
}

/** Of a message that is not too long and cannot be taken all the same. */
export function beyond({ server, tool }: ToolCall, problem: string): WorkError {
  const told = `${server} sent a message that cannot be taken while its tool "${tool}" was called: ${problem}.`;
  return { code: "limit_exceeded", message: sentence(told) };
}

/** What did not come in time; `hint` is said behind it. */
export interface Late {
  readonly what: string;
  readonly hint: string;
}

export function lateText(session: Session, { server, tool }: ToolCall, strays: number): Late {
  if (session.isOpen("initialize"))
    return {
      what: sentence(`${server} did not introduce itself`),
      hint: ` Is it an MCP server?${strayText(strays)}`,
    };
  return { what: `The tool "${tool}" of ${server} did not answer`, hint: strayText(strays) };
}

function strayText(strays: number): string {
  if (strays === 0) return "";
  const lines = strays === 1 ? "1 line" : `${strays} lines`;
  return ` ${lines} on its stdout ${strays === 1 ? "was" : "were"} no message of the protocol.`;
}
