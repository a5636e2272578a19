// A server of tools without a library: the messages that it answers, whatever carries them.
const TOOLS = ["echo", "text", "json", "blocks", "fail", "strict", "ask", "tell", "secret"];

/** Answers a message by `send`; `own` are tools that need more than that. */
export function answer(message, send, own = {}) {
  const { id, method, params } = message;
  const reply = (result) => send({ jsonrpc: "2.0", id, result });
  const refuse = (code, text, data) =>
    send({ jsonrpc: "2.0", id, error: { code, message: text, data } });
  const say = (text, more = {}) => reply({ content: [{ type: "text", text }], ...more });
  const note = (name, about) =>
    send({ jsonrpc: "2.0", method: `notifications/${name}`, params: about });
  if (method === "initialize")
    return reply({
      protocolVersion: process.env.MCP_VERSION ?? params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "fixture", version: "1" },
    });
  if (method === "tools/list") {
    const [first, ...rest] = [...TOOLS, ...Object.keys(own)].map((name) => ({ name }));
    return params?.cursor === undefined
      ? reply({ tools: [first], nextCursor: "2" })
      : reply({ tools: rest });
  }
  if (method === undefined) return own.replied?.(message, send);
  if (method !== "tools/call") return;
  const { name, arguments: given, _meta: meta } = params;
  if (name !== "replied" && Object.hasOwn(own, name)) return own[name]({ id, given, reply, say });
  switch (name) {
    case "echo":
      return reply({
        content: [{ type: "text", text: JSON.stringify(given) }],
        structuredContent: { given, meta },
      });
    case "text":
      return say(given.text);
    case "json":
      return say(given.json);
    case "blocks":
      return reply({
        content: [
          { type: "text", text: "a picture" },
          { type: "image", data: "aGk=", mimeType: "image/png" },
        ],
      });
    case "fail":
      return say(given.text ?? "no such issue", { isError: true });
    case "strict":
      return refuse(-32602, "Invalid arguments", [{ path: ["query"], message: "Required" }]);
    case "ask":
      send({ jsonrpc: "2.0", id: "their-1", method: "sampling/createMessage", params: {} });
      own.replied = (answered, again) =>
        again({
          jsonrpc: "2.0",
          id,
          result: { content: [], structuredContent: { code: answered.error.code } },
        });
      return;
    case "tell":
      note("message", { level: "info", logger: "db", data: "connected" });
      note("message", { level: "error", data: { rows: 3 } });
      note("progress", {
        progressToken: meta.progressToken,
        progress: 1,
        total: 2,
        message: "half",
      });
      return say("told");
    default:
      return refuse(-32602, `Unknown tool: ${name}`);
  }
}
