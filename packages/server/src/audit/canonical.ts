import { createHash } from "node:crypto";
import type { Json, JsonObject } from "@yardmaster/protocol";
import { isJsonObject } from "@yardmaster/protocol";

/** An entry as it is hashed and shown, without its place. `GET /v1/audit` and the file use the same names. */
export interface AuditBody {
  readonly id: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly ts: string;
  readonly actor: string;
  readonly action: string;
  readonly node: string;
  readonly node_id: string | null;
  readonly request_id: string | null;
  readonly phase: "begin" | "end" | "event";
  readonly status: string | null;
  readonly duration_ms: number | null;
  readonly exit_code: number | null;
  readonly session_id: string | null;
  readonly details: JsonObject;
}

/** The one text of an entry: no spaces, and the fields of every object in the order of their names. */
export function canonicalText(body: AuditBody): string {
  return textOf(body as unknown as JsonObject);
}

function textOf(value: Json): string {
  if (!isJsonObject(value)) {
    return Array.isArray(value)
      ? `[${value.map((one: Json) => textOf(one)).join(",")}]`
      : JSON.stringify(value);
  }
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const field = value[name];
    if (field !== undefined) fields.push(`${JSON.stringify(name)}:${textOf(field)}`);
  }
  return `{${fields.join(",")}}`;
}

/** What PostgreSQL computes as an entry is kept (chain.store.ts), computed again. Hashes are in hex. */
export function chainHash(prevHash: string, seq: number, text: string): string {
  return createHash("sha256").update(prevHash, "hex").update(`${seq}\n${text}`).digest("hex");
}
