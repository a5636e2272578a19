import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { parseForeignJson } from "../../json/index.ts";

/** One message of JSON-RPC 2.0, as it came. */
export type Message =
  | { readonly kind: "result"; readonly id: number; readonly result: JsonObject }
  | { readonly kind: "error"; readonly id: number | undefined; readonly error: RpcError }
  /** Of the peer to us. */
  | {
      readonly kind: "request";
      readonly id: number | string;
      readonly method: string;
      readonly params: JsonObject;
    }
  | { readonly kind: "notification"; readonly method: string; readonly params: JsonObject };

export interface RpcError {
  readonly code: number;
  readonly message: string;
}

export type ReadMessages =
  | { readonly ok: true; readonly messages: readonly Message[] }
  | {
      readonly ok: false;
      readonly problem: string;
      /** It says that it is a message; it holds more, or is deeper, than is taken. */
      readonly isBeyond?: true;
    };

/** An id of the peer's is given back to it: so long it may be. */
const MAX_ID_CHARS = 1_024;

/** How a message begins, wherever its name of the protocol stands in it. */
const NAMED = /^\s*[{[].*"jsonrpc"\s*:/s;

/** What a peer sent: a message, or a list of them. Whatever is not of the protocol is said, and nothing of it is taken. */
export function readMessages(text: string): ReadMessages {
  const parsed = parseForeignJson(text);
  if (!parsed.ok) {
    const { problem, isBeyond } = parsed;
    return { ok: false, problem, ...(isBeyond && NAMED.test(text) && { isBeyond }) };
  }
  const given = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const messages = given.map(messageOf);
  const found = messages.filter((one) => one !== undefined);
  if (found.length < messages.length || found.length === 0)
    return { ok: false, problem: "it is JSON, and no message of JSON-RPC 2.0" };
  return { ok: true, messages: found };
}

export function messageOf(value: Json): Message | undefined {
  if (!isJsonObject(value) || value["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params, result, error } = value;
  if (typeof method === "string") {
    if (typeof id === "string" && id.length > MAX_ID_CHARS) return undefined;
    const given = isJsonObject(params) ? params : {};
    if (typeof id === "number" || typeof id === "string")
      return { kind: "request", id, method, params: given };
    return { kind: "notification", method, params: given };
  }
  if (isJsonObject(error)) {
    const { code, message } = error;
    if (typeof code !== "number" || typeof message !== "string") return undefined;
    return { kind: "error", id: idOf(id), error: { code, message: withData(message, error) } };
  }
  const own = idOf(id);
  return own !== undefined && isJsonObject(result)
    ? { kind: "result", id: own, result }
    : undefined;
}

/** Ours are numbers; some servers give them back as texts. */
function idOf(id: Json | undefined): number | undefined {
  if (typeof id === "number") return id;
  return typeof id === "string" && /^\d{1,9}$/.test(id) ? Number(id) : undefined;
}

/** Where validators put what is wrong with the arguments. */
function withData(message: string, { data }: JsonObject): string {
  if (data === undefined || data === null) return message;
  return `${message} (${typeof data === "string" ? data : JSON.stringify(data)})`;
}
