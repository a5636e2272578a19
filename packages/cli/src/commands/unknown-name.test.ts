import { expect, test } from "vitest";
import { callYard } from "../testing/call-yard.ts";
import { aStep, RUN_ID } from "../testing/wire-records.ts";
import { startWireServer } from "../testing/wire-server.ts";

const NOTHING = { json: [] };

test.each([
  [
    ["runs", "--ref", "shop.shp"],
    "there is no action or workflow shop.shp now; did you mean shop.ship?",
  ],
  [
    ["events", "--rule", "shop.on-sal"],
    "there is no rule shop.on-sal now; did you mean shop.on-sale?",
  ],
  [["decisions", "--rule", "other"], "there is no rule other now"],
  [["audit", "--node", "lab-8"], "there is no node lab-8 now; did you mean lab-7?"],
  [["audit", "--status", "timout"], "there is no status timout now; did you mean timeout?"],
  [["runs", "--ref", "shop.pack", "--json"], ""],
  [["audit", "--status", "node_offline"], ""],
])("%j, which finds nothing, says whether there is such a name", async (argv, line) => {
  const { env } = await startWireServer({
    "GET /v1/runs": NOTHING,
    "GET /v1/events": NOTHING,
    "GET /v1/decisions": NOTHING,
    "GET /v1/audit": NOTHING,
    "GET /v1/actions": { json: [{ ref: "shop.pack" }] },
    "GET /v1/workflows": { json: [{ ref: "shop.ship" }] },
    "GET /v1/rules": { json: [{ rule: "shop.on-sale" }] },
    "GET /v1/nodes": { json: [{ name: "lab-7" }] },
  });
  const call = await callYard(argv, { env });
  expect(call).toMatchObject({ exitCode: 0, stderr: line === "" ? "" : `yard: ${line}\n` });
});

test.each([
  [["logs", RUN_ID, "--step", "buidl"]],
  [["logs", RUN_ID, "--follow", "--step", "buidl#0"]],
  [["runs", "files", RUN_ID, "--step", "buidl"]],
])("%j is refused, since the run has no such step", async (argv) => {
  const { env } = await startWireServer({
    [`GET /v1/runs/${RUN_ID}/steps`]: { json: [aStep("build")] },
    [`GET /v1/runs/${RUN_ID}/logs`]: NOTHING,
    [`GET /v1/runs/${RUN_ID}/files`]: NOTHING,
  });
  const call = await callYard(argv, { env });
  expect(call.exitCode).toBe(3);
  expect(call.stderr).toContain(`Run ${RUN_ID} has no step buidl; did you mean build?`);
});
