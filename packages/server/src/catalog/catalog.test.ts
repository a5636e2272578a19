import { compileValidator } from "@yardmaster/kernel";
import { expect, it } from "vitest";
import { serveRoutes } from "../../test/http.ts";
import { actionOf, ECHO, workflowOf } from "../../test/workflows.ts";
import type { ActivePack } from "../packs/index.ts";
import { catalogRoutes } from "./index.ts";

const INPUT = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const OUTPUT = { type: "object", properties: { sum: { type: "integer" } } };
const add = actionOf(
  "maths.add",
  { kind: "process", script: "true", output: "json" },
  { input: compileValidator(INPUT), output: compileValidator(OUTPUT), timeoutMs: 5_000 },
);
const workflow = {
  ...workflowOf("maths.twice", [
    { id: "a", action: add, with: {} },
    { id: "b", action: ECHO, with: {} },
  ]),
  input: compileValidator(INPUT),
  timeoutMs: 60_000,
};
const PACK = {
  definition: {
    name: "maths",
    digest: "d1",
    actions: new Map([["maths.add", add]]),
    workflows: new Map([["maths.twice", workflow]]),
    descriptions: new Map([["maths.add", "Adds."]]),
    tools: new Set(["maths.add"]),
  },
} as unknown as ActivePack;

const { http } = serveRoutes(catalogRoutes({ active: () => [PACK] }));
const ask = async (url: string) => {
  const response = await http.inject({ url });
  return { status: response.statusCode, body: response.json() };
};

it("lists the actions of packs with their schemas, and those that come with Yardmaster", async () => {
  const { body } = await ask("/v1/actions");
  const refs = body.map(({ ref }: { ref: string }) => ref);
  expect(refs).toEqual(refs.toSorted());
  expect(refs).toContain("core.echo");
  expect(await ask("/v1/actions?pack=maths")).toMatchObject({ body: [{ ref: "maths.add" }] });
  expect(await ask("/v1/actions/maths.add")).toEqual({
    status: 200,
    body: {
      ref: "maths.add",
      pack: "maths",
      description: "Adds.",
      runner: "process",
      input_schema: INPUT,
      output_schema: OUTPUT,
      timeout: "5s",
      attempts: 1,
      queue: null,
      as_tool: true,
      pack_digest: "d1",
    },
  });
});

it("lists workflows with their steps", async () => {
  expect((await ask("/v1/workflows")).body).toEqual([
    {
      ref: "maths.twice",
      pack: "maths",
      description: null,
      input_schema: INPUT,
      steps: [
        { id: "a", uses: "maths.add", needs: [] },
        { id: "b", uses: "core.echo", needs: ["a"] },
      ],
      timeout: "60s",
      as_tool: false,
      pack_digest: "d1",
    },
  ]);
});

it("names the nearest ref for one that there is not", async () => {
  expect(await ask("/v1/actions/maths.ad")).toMatchObject({
    status: 404,
    body: { detail: "maths.ad is none of the actions. Did you mean maths.add?" },
  });
  expect(await ask("/v1/workflows/maths.add")).toMatchObject({ status: 404 });
});
