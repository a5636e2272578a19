import type { JsonObject } from "@yardmaster/protocol";
import { MCP_CWD, MCP_SERVER_KEYS, OF_COMMAND, OF_URL } from "../compile/action/mcp.ts";
import { MCP_FIELDS, MCP_SERVER_FIELDS } from "../mcp-request.ts";
import { closedMap, type Key, key, without } from "./closed-map.ts";
import { COMMAND, EXPRESSION_PART, LITERAL_TEXT } from "./shared.ts";
import { withExpressions } from "./with-expressions.ts";

const SERVER: JsonObject = {
  ...closedMap({
    keys: MCP_SERVER_KEYS,
    of: {
      command: key("Program and arguments of a server that is started for the call.", COMMAND),
      cwd: key(
        "Where it runs: the folder of the pack, or one of its own that is removed after it.",
        {
          enum: [...MCP_CWD],
          default: "pack",
        },
      ),
      env: key(
        "Variables beside PATH, HOME and the locale; takes ${{ }}, secrets too.",
        expressed("env"),
      ),
      url: key("The address of a server that answers over Streamable HTTP; takes ${{ }}.", {
        type: "string",
        pattern: `^(?:[hH][tT][tT][pP][sS]?://|${EXPRESSION_PART})`,
      }),
      headers: key(
        "Headers of each request to it; take ${{ }}, secrets too; null leaves one out.",
        expressed("headers"),
      ),
    },
  }),
  oneOf: [{ required: ["command"] }, { required: ["url"] }],
  dependentSchemas: { command: without(OF_URL), url: without(OF_COMMAND) },
};

/** Keys of an action that has `runner: mcp`. */
export const MCP_ACTION: { readonly [name: string]: Key } = {
  server: key("The MCP server: command, or url.", SERVER),
  tool: key("The name of the tool, as its server lists it.", LITERAL_TEXT),
  arguments: key(
    "What the tool is given; takes ${{ }}. Left out, the input.",
    withExpressions(MCP_FIELDS["arguments"] ?? true) as JsonObject,
  ),
};

function expressed(name: string): JsonObject {
  return withExpressions(MCP_SERVER_FIELDS[name] ?? true) as JsonObject;
}
