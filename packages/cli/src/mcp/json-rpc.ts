/** What is looked at of a message of the protocol; the rest goes on as it came. */
export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: unknown;
    readonly uri?: unknown;
    readonly requestId?: string | number;
    readonly _meta?: { readonly [key: string]: unknown };
  };
}

/** -32000 to -32099 are for servers to give a meaning. */
export const UNREACHABLE = -32_000;
export const PARSE_ERROR = -32_700;

export function isRequest(
  message: Message,
): message is Message & { id: string | number; method: string } {
  return message.method !== undefined && message.id !== undefined;
}

export function errorLine(
  id: string | number | undefined,
  code: number,
  message: string,
  data?: object,
): string {
  const error = { code, message, ...(data !== undefined && { data }) };
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error });
}

const VERSION_META = "io.modelcontextprotocol/protocolVersion";
const PRINTABLE = /^[\x21-\x7e]+(?: +[\x21-\x7e]+)*$/;

/**
 * What Streamable HTTP wants in headers of a message that says its revision itself (2026-07-28 and later); of one from
 * before, what `initialize` has settled.
 */
export function protocolHeaders(
  { method, params }: Message,
  settled: string | undefined,
): Record<string, string> {
  const own = params?._meta?.[VERSION_META];
  if (typeof own !== "string")
    return settled === undefined ? {} : { "mcp-protocol-version": settled };
  const name = method === "resources/read" ? params?.uri : params?.name;
  return {
    "mcp-protocol-version": own,
    ...(method !== undefined && { "mcp-method": headerText(method) }),
    ...(typeof name === "string" && { "mcp-name": headerText(name) }),
  };
}

export function isOfEarlierRevision({ params }: Message): boolean {
  return typeof params?._meta?.[VERSION_META] !== "string";
}

/** As the protocol has it for what no header can hold. */
function headerText(text: string): string {
  if (PRINTABLE.test(text) && !text.startsWith("=?")) return text;
  return `=?base64?${Buffer.from(text).toString("base64")}?=`;
}
