import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { linesOf } from "./machines.mjs";

const CALLS = new Set(["node.exec", "node.read", "node.write", "node.job"]);
/** Ends of calls that never reached a node. */
const NOT_SENT = new Set(["node_offline", "node_busy", "node_revoked", "rate_limited"]);

/** Every call is noted on both sides with one id, and the server's side is a chain. */
export async function audit(stage, tokens) {
  const { screen, client, check, machines, yard, signal } = stage;
  screen.title("Audit: every call, on both sides, in a chain");
  await settled(stage);
  const entries = await gathered(client.audit.list({ signal }));
  const calls = callsOf(entries);
  check("every call has a beginning and an end", () => {
    return calls.every(({ begin, end }) => begin !== undefined && end !== undefined);
  });
  const noted = Object.values(machines).flatMap((machine) => machine.audit());
  const known = new Set(noted.map(({ request_id }) => request_id));
  const sent = calls.filter(({ end }) => end !== undefined && !NOT_SENT.has(end.status));
  const missing = sent.filter(({ id }) => !known.has(id));
  check("every call that was sent is in the machine's own log", () => missing.length === 0);
  check("and a machine's log has nothing that the server does not know", () => {
    const ids = new Set(calls.map(({ id }) => id));
    return noted.every(({ request_id }) => ids.has(request_id));
  });
  showOne(stage, calls, noted);
  screen.field(
    "calls",
    `${calls.length} with beginning and end, ${sent.length} of them on both sides`,
  );
  await verify({ check, yard }, entries);
  checkFile(stage, entries, tokens);
  return { calls: calls.length };
}

/** What was given up a moment ago has its end in a moment. */
async function settled({ client, signal }) {
  while ((await gathered(client.audit.list({ open: "true", signal }))).length > 0)
    await delay(20, undefined, { signal });
}

async function gathered(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

function callsOf(entries) {
  const calls = new Map();
  for (const entry of entries) {
    if (!CALLS.has(entry.action)) continue;
    const { request_id: id, phase } = entry;
    calls.set(id, { ...calls.get(id), id, [phase]: entry });
  }
  return [...calls.values()];
}

/** The first command of all: as the server has it, and as the machine has it. */
function showOne({ screen, check }, calls, noted) {
  const { id, begin, end } = calls.find((call) => call.end?.exit_code === 7);
  const there = noted.find(({ request_id, phase }) => request_id === id && phase === "end");
  const { paint } = screen;
  const rows = [
    ["server", end.ts, `${end.actor} → ${end.node}`, end.action, end],
    ["node", there.ts, there.node, there.action, there],
  ];
  screen.line(`${paint.faint("request")} ${id}  ${begin.details.command}`);
  for (const [side, ts, who, action, { status, exit_code, duration_ms }] of rows)
    screen.field(
      side,
      `${ts}  ${who}  ${action}  ${status}, exit code ${exit_code}, ${duration_ms} ms`,
    );
  check("both sides say the same of it", () => {
    return there.exit_code === 7 && there.status === end.status && begin.actor === "token:admin";
  });
}

async function verify({ check, yard }, entries) {
  const { code, stdout } = await yard.show(["audit", "verify"]);
  check("the chain is whole", () => code === 0 && stdout.startsWith(`✓ ${entries.length} entries`));
}

/** The same beside the database, and nowhere a token. */
function checkFile({ check, installation, machines }, entries, tokens) {
  const folder = join(installation.dataFolder, "audit");
  const file = linesOf(join(folder, "nodes.jsonl"));
  check("the file beside the database has as many lines", () => file.length === entries.length);
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const said = [...texts, JSON.stringify(entries), installation.said()].join("\n");
  const lasting = Object.values(machines).map((machine) => machine.config().token);
  check("no token stands in audit or logs", () => {
    return [...tokens.values(), ...lasting].every((token) => !said.includes(token));
  });
}
