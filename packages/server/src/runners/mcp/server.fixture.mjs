#!/usr/bin/env node
// A server of tools on stdin and stdout.
//   MCP_FIRST  a line that it prints before all else, on stdout
//   MCP_STAYS  it stays when its stdin is closed; "bold": when it is sent TERM too
//   MCP_SILENT  it answers nothing
//   MCP_TOOL  the name of one more tool
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { answer } from "./tools.fixture.mjs";

const { MCP_FIRST, MCP_STAYS, MCP_SILENT, MCP_TOOL } = process.env;
const print = (text) => process.stdout.write(text);
const send = (message) => print(`${JSON.stringify(message)}\n`);

const own = {
  ...(MCP_TOOL !== undefined && { [MCP_TOOL]: ({ say }) => say("called") }),
  env: ({ given, reply }) =>
    reply({ content: [], structuredContent: { value: process.env[given.name] ?? null } }),
  cwd: ({ say }) => say(process.cwd()),
  pid: ({ say }) => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
    child.unref();
    say(JSON.stringify([process.pid, child.pid]));
  },
  silent: () => process.stderr.write(`asked of ${process.pid}\n`),
  asking: () => {
    lines.pause();
    let id = 0;
    const go = () => {
      while (print(`{"jsonrpc":"2.0","id":"their-${id++}","method":"${"m".repeat(1_000)}"}\n`));
      process.stdout.once("drain", go);
    };
    go();
  },
  refuse: ({ id, given: { text: message } }) =>
    send({ jsonrpc: "2.0", id, error: { code: -32_000, message } }),
  die: () => {
    process.stderr.write("the database is gone\n");
    process.exit(3);
  },
  mute: () => process.stdout.end(),
  deep: ({ id }) =>
    print(
      `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${"[".repeat(600)}${"]".repeat(600)}}}\n`,
    ),
  huge: ({ given, say }) => say("x".repeat(given.bytes)),
  endless: () => {
    const go = () => {
      while (print("y".repeat(65_536)));
      process.stdout.once("drain", go);
    };
    go();
  },
  nonsense: ({ say }) => {
    print("Listening…\n[1]\n");
    say("all the same");
  },
};

if (MCP_FIRST !== undefined) print(`${MCP_FIRST}\n`);
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = JSON.parse(line);
  if (message.method === "notifications/cancelled")
    process.stderr.write(`cancelled: ${message.params.reason}\n`);
  if (MCP_SILENT === undefined) answer(message, send, own);
});
lines.on("close", () => process.stderr.write("stdin was closed\n"));
if (MCP_STAYS !== undefined) setInterval(() => undefined, 60_000);
if (MCP_STAYS === "bold") process.on("SIGTERM", () => process.stderr.write("was sent TERM\n"));
