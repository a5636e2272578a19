import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { untilGone } from "../src/runners/attempt.fixture.ts";
import { createServerProcesses, type ServerProcesses } from "./server-processes.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

/** Its first call has no end; which process was called with which key is kept in a file. */
const SERVER_OF_TOOLS = `
const { appendFileSync, readFileSync } = require("node:fs");
const { CALLS } = process.env;
const tool = ({ _meta }) => {
  appendFileSync(CALLS, process.pid + " " + _meta["yardmaster/idempotency-key"] + "\\n");
  const calls = readFileSync(CALLS, "utf8").trim().split("\\n");
  return calls.length === 1 ? undefined : { structuredContent: { calls: calls.length } };
};
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: {}, serverInfo: {} }),
  "tools/call": tool,
};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const result = answers[method]?.(params);
  if (result) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
});
setInterval(() => {}, 60_000);
`;

const packOf = (calls: string) => ({
  "pack.yaml": "pack: t\nversion: 1.0.0\n",
  "tools.cjs": SERVER_OF_TOOLS,
  "actions/call.yaml": `action: t.call\nrunner: mcp\nserver: { command: [node, tools.cjs], env: { CALLS: ${calls} } }\ntool: slow\noutput: { calls: integer! }\n`,
});

let db: TestDatabase;
let servers: ServerProcesses;
beforeEach(async () => {
  db = await createTestDatabase();
  servers = createServerProcesses(db.url, (folder) => packOf(join(folder, "calls")));
});
afterEach(async () => {
  await servers.close();
  await db.drop();
});

async function calls(count: number): Promise<string[][]> {
  return await vi.waitFor(
    () => {
      const lines = readFileSync(join(servers.folder, "calls"), "utf8").trim().split("\n");
      expect(lines).toHaveLength(count);
      return lines.map((line) => line.split(" "));
    },
    { timeout: 20_000, interval: 50 },
  );
}

it("calls a tool again whose worker was killed in the middle, with the same key, and leaves no server behind", async () => {
  const api = await servers.start("api,scheduler");
  const worker = await servers.start("worker");
  const asked = await fetch(`${servers.urlOf(api)}/v1/runs`, {
    method: "POST",
    headers: { authorization: "Bearer a-token-of-this-test", "content-type": "application/json" },
    body: JSON.stringify({ ref: "t.call", input: {} }),
  });
  const { id } = (await asked.json()) as { id: string };
  const [[pid = "", key = ""] = []] = await calls(1);
  await servers.end(worker, "SIGKILL");
  await untilGone(Number(pid));
  await servers.start("worker");
  const [, [again = "", sameKey = ""] = []] = await calls(2);
  expect(sameKey).toBe(key);
  await vi.waitFor(
    async () => {
      const got = await fetch(`${servers.urlOf(api)}/v1/runs/${id}`, {
        headers: { authorization: "Bearer a-token-of-this-test" },
      });
      expect(await got.json()).toMatchObject({ status: "success", output: { calls: 2 } });
    },
    { timeout: 20_000, interval: 50 },
  );
  await untilGone(Number(again));
}, 60_000);
