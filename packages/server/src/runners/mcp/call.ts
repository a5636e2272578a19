import { isJsonObject, type JsonObject, nearest, type WorkError } from "@yardmaster/protocol";
import { VERSION } from "../../version.ts";
import { Failed } from "../rpc/failed.ts";
import { type Answer, Refused, type Wire as RpcWire, type Session } from "../rpc/session.ts";
import { shown, trouble } from "./failed.ts";

/** Versions of the protocol whose calls of tools are alike, the newest first. */
const VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;
/** Of this one there is no introduction: each request says who asks. */
export const WITHOUT_SESSION = "2026-07-28";

const INVALID_PARAMS = -32_602;
const METHOD_NOT_FOUND = -32_601;
const UNSUPPORTED_VERSION = -32_022;

const WHO = { name: "yardmaster", version: VERSION };

/** To name what is wrong, the tools are looked at no longer, and not beyond so many pages. */
const LIST_MS = 5_000;
const LIST_PAGES = 20;
/** More names than these are not told one by one. */
const MAX_TOLD = 12;
/** Nor is more of one of them. */
const MAX_NAME_CHARS = 100;

/** The way to a server. */
export interface Wire extends RpcWire {
  /** Which version of the protocol is spoken from now on. */
  agreed(version: string): void;
}

export interface ToolCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly meta: JsonObject;
  /** The server, for errors. */
  readonly server: string;
  /** A text of the server as everybody may read it. */
  readonly clean: (text: string) => string;
}

/** The whole of what one call is: it introduces itself, and calls. Rejects with `Failed`. */
export async function callTool(session: Session, wire: Wire, call: ToolCall): Promise<JsonObject> {
  const who = await introduce(session, wire, call);
  const meta = { ...call.meta, ...who };
  const params = { name: call.tool, arguments: call.arguments, _meta: meta };
  try {
    const result = await session.request("tools/call", params);
    if (result["isError"] === true && mentions(result["content"], call.tool))
      await refuseUnknown(session, call, who);
    return result;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await refuseUnknown(session, call, who);
    throw new Failed(refusal(call, error));
  }
}

/** Agrees on a version; resolves with what each request says of who asks. */
async function introduce(
  session: Session,
  wire: Wire,
  { server, clean }: ToolCall,
): Promise<JsonObject> {
  const hello = await session
    .request("initialize", { protocolVersion: VERSIONS[0], capabilities: {}, clientInfo: WHO })
    .catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      if (knowsNoIntroduction(error)) return undefined;
      const { code, message } = error.rpc;
      const told = `${server} would not be spoken to: ${shown(message, clean)} (${code}).`;
      throw new Failed(trouble("refused", told, { rpc_code: code }));
    });
  if (hello === undefined) {
    wire.agreed(WITHOUT_SESSION);
    return {
      "io.modelcontextprotocol/protocolVersion": WITHOUT_SESSION,
      "io.modelcontextprotocol/clientInfo": WHO,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
  }
  const version = hello["protocolVersion"];
  if (!(VERSIONS as readonly unknown[]).includes(version)) {
    const shown = JSON.stringify(version ?? null).slice(0, 40);
    const told = `${server} speaks version ${shown} of the protocol; here ${WITHOUT_SESSION}, ${VERSIONS.join(", ")} are spoken.`;
    throw new Failed(trouble("protocol", told));
  }
  wire.agreed(version as string);
  await session.notify("notifications/initialized");
  return {};
}

function knowsNoIntroduction({ rpc: { code, message } }: Refused): boolean {
  if (code === METHOD_NOT_FOUND) return true;
  return code === UNSUPPORTED_VERSION && message.includes(WITHOUT_SESSION);
}

function refusal({ server, tool, clean }: ToolCall, { rpc }: Refused) {
  const isOfArguments = rpc.code === INVALID_PARAMS;
  const what = isOfArguments ? "does not take these arguments for" : "refused to call";
  return trouble(
    isOfArguments ? "invalid_arguments" : "refused",
    `${server} ${what} its tool "${tool}": ${shown(rpc.message, clean)} (${rpc.code}).`,
    { rpc_code: rpc.code },
  );
}

/** Nothing is offered to a server: of what it asks for, only `ping` is answered. */
export function offered(method: string): Answer | undefined {
  return method === "ping" ? { result: {} } : undefined;
}

/** Tells the server that what it is asked for now is wanted no longer; `initialize` cannot be taken back. */
export async function takeBack(session: Session, reason: string): Promise<void> {
  for (const { id: requestId, method } of session.open())
    if (method !== "initialize")
      await session.notify("notifications/cancelled", { requestId, reason });
}

/** Of a server that asks us for more than anybody answers. */
export function askedTooMuch({ server, tool }: ToolCall, what: string): WorkError {
  return trouble(
    "protocol",
    `${server} asked for ${what} while its tool "${tool}" was called, and nothing is offered to it.`,
  );
}

function mentions(content: unknown, tool: string): boolean {
  return JSON.stringify(content ?? "").includes(tool);
}

/** Servers say in many ways that a tool is not there: what they list decides. Where they list nothing, nothing is said. */
async function refuseUnknown(
  session: Session,
  { server, tool, clean }: ToolCall,
  who: JsonObject,
): Promise<void> {
  const names = await within(LIST_MS, toolNames(session, who)).catch(() => undefined);
  if (names === undefined || names.includes(tool)) return;
  const named = (name: string): string => shown(name, clean, MAX_NAME_CHARS);
  const near = nearest(tool, names);
  const meant = near === undefined ? "" : ` Did you mean "${named(near)}"?`;
  const more = names.length > MAX_TOLD ? ` and ${names.length - MAX_TOLD} more` : "";
  const all =
    names.length === 0
      ? " It has no tools."
      : ` It has ${names.slice(0, MAX_TOLD).map(named).join(", ")}${more}.`;
  throw new Failed(trouble("unknown_tool", `${server} has no tool "${tool}".${meant}${all}`));
}

async function toolNames(session: Session, who: JsonObject): Promise<string[]> {
  const names: string[] = [];
  let params: JsonObject = { _meta: who };
  for (let page = 0; page < LIST_PAGES; page++) {
    const { tools, nextCursor } = await session.request("tools/list", params);
    if (!Array.isArray(tools)) throw new Error("no list");
    for (const one of tools)
      if (isJsonObject(one) && typeof one["name"] === "string") names.push(one["name"]);
    if (typeof nextCursor !== "string") return names;
    params = { cursor: nextCursor, _meta: who };
  }
  throw new Error("no end");
}

function within<T>(ms: number, working: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("late")), ms);
    working.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
