#!/usr/bin/env node
// Peers that do not keep to the protocol, by ACP_DOES.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const does = process.env.ACP_DOES;
const print = (text) => process.stdout.write(text);
const send = (message) => print(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const update = (body) =>
  send({ method: "session/update", params: { sessionId: "s", update: body } });
const say = (text) =>
  update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
const request = (id, method, params = {}) => send({ id, method, params });
const forEver = (what) => {
  const go = () => {
    while (what() !== false && !process.stdout.writableNeedDrain);
    process.stdout.once("drain", go);
  };
  go();
};

const PROMPTED = {
  dies: () => {
    process.stderr.write("out of memory\n");
    process.exit(7);
  },
  hangs: () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
    child.unref();
    say(`pids ${process.pid} ${child.pid}\n`);
  },
  quiet: () => {},
  floods: (id) => {
    for (let i = 0; i < 20_000; i++) say(`word ${i}\n`);
    send({ id, result: { stopReason: "end_turn" } });
  },
  asks: () => {
    lines.pause();
    let id = 0;
    forEver(() => request(`their-${id++}`, "terminal/create", { x: "y".repeat(1_000) }));
  },
  huge: (id) => {
    print(`{"jsonrpc":"2.0","method":"${"x".repeat(11 * 1024 * 1024)}"}\n`);
    say("after it");
    send({ id, result: { stopReason: "end_turn" } });
  },
  garbles: (id) => {
    print('Loading…\n[1]\n{"jsonrpc":"2.0"}\n{"id":1\n');
    update(null);
    update({ sessionUpdate: "tool_call", toolCallId: 1, title: {}, locations: "x" });
    update({ sessionUpdate: "plan", entries: [null, 1, { content: {} }] });
    send({
      method: "session/update",
      params: {
        sessionId: "other",
        update: {
          sessionUpdate: "agent_message_chunk",
          content: { type: "text", text: "of another" },
        },
      },
    });
    send({ id: 4_711, result: {} });
    say("all the same");
    send({ id, result: { stopReason: "end_turn" } });
  },
  limited: (id) => send({ id, error: { code: 429, message: "Rate limit exceeded" } }),
  invents: (id) => send({ id, result: { stopReason: "bored" } }),
  options: (id) => {
    const toolCall = { toolCallId: "t", kind: "edit", locations: [{ path: "a.txt" }] };
    const options = [{ optionId: "always", name: "A", kind: "allow_always" }];
    request("p", "session/request_permission", { sessionId: "s", toolCall, options });
    replied = ({ result }) => {
      say(`outcome: ${JSON.stringify(result)}`);
      send({ id, result: { stopReason: "end_turn" } });
    };
  },
  stays: (id) => {
    say("done");
    send({ id, result: { stopReason: "end_turn" } });
    setInterval(() => say("and on\n"), 10);
  },
};

let replied = () => {};
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) return replied(message);
  if (does === "mute") return;
  if (does === "chatters") return setInterval(() => print("Press h for help\n"), 20);
  const { id, method } = message;
  if (method === "initialize") {
    const protocolVersion = does === "newer" ? 2 : 1;
    return send({ id, result: { protocolVersion } });
  }
  if (method === "session/new")
    return send({ id, result: does === "nameless" ? null : { sessionId: "s" } });
  if (method === "session/prompt") PROMPTED[does]?.(id);
});
if (does === "mute" || does === "stays") setInterval(() => undefined, 60_000);
