import type { Validator } from "../../../schema/index.ts";
import type { McpSpec } from "../../definition.ts";
import type { DocumentNode, MapNode } from "../../document.ts";
import { MCP_FIELDS, MCP_REQUEST, MCP_SERVER_FIELDS } from "../../mcp-request.ts";
import type { Report } from "../../problem.ts";
import { readCommand, refuseTemplates } from "../fields/command.ts";
import { type Fields, readFields } from "../fields/fields.ts";
import type { Visible } from "../fields/visible.ts";
import { readRequest } from "./request.ts";

/** Keys of an action that only `runner: mcp` has. */
export const MCP_KEYS = ["server", "tool", "arguments"] as const;

/** A server that is started, or one that is at an address. */
export const MCP_SERVER_KEYS = ["command", "cwd", "env", "url", "headers"] as const;
export const MCP_CWD = ["pack", "work"] as const;

/** The keys that are of the one, and those of the other. */
export const OF_COMMAND = ["cwd", "env"] as const;
export const OF_URL = ["headers"] as const;

const SERVER_HINT =
  "write server: { command: [npx, -y, SERVER] }, or server: { url: https://HOST/mcp }";
const FIXED = "values of a run belong into env, headers or arguments";
const STARTS_AS_URL = /^(?:https?:\/\/|\$\{\{)/i;

const REQUEST = { parts: MCP_FIELDS, whole: MCP_REQUEST };

/** What the compiler has read of the action before. */
interface Declared {
  readonly input: Validator | undefined;
  readonly output: Validator | undefined;
}

/** Which tool of which server is called. What can be known at load is checked here. */
export function readMcp(
  fields: Fields,
  { input, output }: Declared,
  visible: Visible,
  report: Report,
  reportSlip: Report,
): McpSpec | undefined {
  const tool = fields.requiredText("tool", "the name under which its server lists it");
  refuseTemplates(fields.get("tool"), "tool", report, "an action is for one tool: write another");
  const server = readServer(fields, report);
  if (!fields.has("arguments")) checkInput(fields, input, report);
  const request = readRequest(REQUEST, withoutCommand(fields), visible, report, reportSlip);
  if (tool === undefined || server === undefined || request === undefined) return undefined;
  return {
    kind: "mcp",
    tool,
    ...server,
    request,
    ...(isValue(output) ? { readsJson: true } : {}),
  };
}

function readServer(owner: Fields, report: Report): Pick<McpSpec, "command" | "cwd"> | undefined {
  const node = owner.get("server");
  if (node === undefined) {
    report(owner.place, 'an mcp action needs "server"', SERVER_HINT);
    return undefined;
  }
  const fields = readFields(node, "server", MCP_SERVER_KEYS, report);
  if (fields === undefined) return undefined;
  const [hasCommand, hasUrl] = [fields.has("command"), fields.has("url")];
  if (hasCommand && hasUrl)
    report(fields.keyPlace("url"), "give command or url, not both", SERVER_HINT);
  if (!hasCommand && !hasUrl) report(fields.place, 'server needs "command" or "url"', SERVER_HINT);
  for (const key of hasCommand ? OF_URL : [])
    if (fields.has(key)) report(fields.keyPlace(key), `${key} are for a server with url`);
  for (const key of hasUrl ? OF_COMMAND : [])
    if (fields.has(key)) report(fields.keyPlace(key), `${key} is for a server with command`);
  const command = readCommand(fields, report);
  const cwd = fields.word("cwd", MCP_CWD);
  for (const key of ["command", "cwd"]) refuseTemplates(fields.get(key), key, report, FIXED);
  checkUrl(fields, report);
  if (hasCommand === hasUrl || (hasCommand && command === undefined)) return undefined;
  return {
    ...(command === undefined ? {} : { command }),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

function checkUrl(fields: Fields, report: Report): void {
  const url = fields.text("url");
  if (url === undefined || STARTS_AS_URL.test(url)) return;
  const place = fields.get("url")?.place ?? fields.place;
  report(place, "url must begin with http:// or https://", "give the whole address");
}

/** The arguments of a tool are a map, and without `arguments` the input is them. */
function checkInput(fields: Fields, input: Validator | undefined, report: Report): void {
  if (input === undefined || typesOf(input)?.join() === "object") return;
  report(
    fields.keyPlace("input_schema"),
    "the input is what the tool is given, which must be a map",
    "write type: object into input_schema, or what the tool is given under arguments",
  );
}

/** The fields as the request is made of them: of the server only what expressions may stand in. */
function withoutCommand(fields: Fields): Fields {
  const server = fields.get("server");
  if (server?.kind !== "map")
    return { ...fields, has: (key) => key !== "server" && fields.has(key) };
  const rendered = [...server.entries].filter(([key]) => Object.hasOwn(MCP_SERVER_FIELDS, key));
  const node: MapNode = { ...server, entries: new Map(rendered) };
  const get = (key: string): DocumentNode | undefined =>
    key === "server" ? node : fields.get(key);
  return { ...fields, get };
}

/** Whether a text of the tool is read as JSON: a value is wanted, and a text is none of that type. */
function isValue(output: Validator | undefined): boolean {
  const types = output === undefined ? undefined : typesOf(output);
  return types !== undefined && !types.includes("string");
}

/** Undefined where the schema names none. */
function typesOf({ schema }: Validator): readonly unknown[] | undefined {
  const type = typeof schema === "object" ? schema["type"] : undefined;
  return type === undefined ? undefined : [type].flat();
}
