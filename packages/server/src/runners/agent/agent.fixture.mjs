#!/usr/bin/env node
// An agent without a model: it plays what a real one has printed, and then does what the test asks for.
//   AGENT_PLAYS  a file of programs/recorded, without its end
//   AGENT_UNTIL  only so many of its lines
//   AGENT_THEN   exit (default) | stay | chatter | exit:CODE | leave:FILE
// What it was asked is left in its folder: asked.json { args, prompt, schema }.
import { readFileSync, writeFileSync } from "node:fs";

const { AGENT_PLAYS = "claude-says", AGENT_UNTIL, AGENT_THEN = "exit" } = process.env;
const args = process.argv.slice(2);
const prompt = readFileSync(0, "utf8");
const file = args[args.indexOf("--output-schema") + 1];
const schema = args.includes("--output-schema") ? JSON.parse(readFileSync(file, "utf8")) : null;
const key = process.env["ANTHROPIC_API_KEY"];
writeFileSync("asked.json", JSON.stringify({ args, prompt, schema, key, cwd: process.cwd() }));

const recorded = new URL(`programs/recorded/${AGENT_PLAYS}.jsonl`, import.meta.url);
const lines = readFileSync(recorded, "utf8").trimEnd().split("\n");
const said = lines.slice(0, AGENT_UNTIL === undefined ? lines.length : Number(AGENT_UNTIL));
process.stdout.write(said.map((line) => `${line}\n`).join(""));

const [what, detail] = AGENT_THEN.split(":");
if (what === "stay") setInterval(() => undefined, 60_000);
if (what === "chatter") setInterval(() => process.stdout.write("{}\n"), 10);
if (what === "leave") writeFileSync(detail, "left by the agent\n");
if (what === "exit" && detail !== undefined) process.exitCode = Number(detail);
