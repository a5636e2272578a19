import { hash } from "node:crypto";
import { problemAsFieldError } from "@yardmaster/kernel";
import { AppError, listPacksSchema, nearestRef, type Pack, packSchema } from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { ActivePack, FolderProblems, Packs } from "./packs.types.ts";

const params = z.strictObject({ pack: z.string().min(1).max(4_096) });

/** `/v1/packs`: what is active, and which folders could not be taken up and why. */
export function packRoutes(packs: Packs): Route[] {
  const list: Route<{ query: typeof listPacksSchema }> = {
    method: "GET",
    path: "/v1/packs",
    summary:
      "Lists packs with their definitions; a broken edit shows its errors beside the version that goes on.",
    scope: "packs:read",
    query: listPacksSchema,
    pagedBy: placeOf,
    responses: { 200: { description: "A page of packs, by name", schema: z.array(packSchema) } },
    handler: async ({ query: { status } }) => ({
      body: (await describePacks(packs)).filter(
        (one) => status === undefined || one.status === status,
      ),
    }),
  };

  const get: Route<{ params: typeof params }> = {
    method: "GET",
    path: "/v1/packs/{pack}",
    summary: "Shows a pack with its definitions, and what is wrong with it.",
    description:
      "By its name; of folders that give it the same name, the one that is active. One that was never good and says no name has its folder's path for one.",
    scope: "packs:read",
    params,
    responses: { 200: { description: "The pack", schema: packSchema } },
    async handler({ params: { pack } }) {
      const known = await describePacks(packs);
      const found = known.find((one) => one.pack === pack);
      if (found !== undefined) return { body: found };
      const near = nearestRef(
        pack,
        known.map((one) => one.pack),
      );
      const hint = near === undefined ? "" : ` Did you mean ${near}?`;
      throw new AppError("not_found", `There is no pack ${pack}.${hint}`);
    },
  };

  const reload: Route = {
    method: "POST",
    path: "/v1/packs/reload",
    summary: "Reads the pack folders again now.",
    scope: "packs:write",
    idempotency: "repeatable",
    responses: { 200: { description: "All packs, as of now", schema: z.array(packSchema) } },
    async handler() {
      await packs.reload();
      return { body: await describePacks(packs) };
    },
  };

  return [list, get, reload];
}

/** Of packs of one name, each has another folder; its path may be longer than a cursor. */
function placeOf({ pack, folder }: Pack): string {
  return `${pack.slice(0, 200)} ${hash("sha256", folder, "hex").slice(0, 16)}`;
}

async function describePacks(packs: Packs): Promise<Pack[]> {
  const problems = await packs.problems();
  const broken = new Map(problems.map((problem) => [problem.folder, problem]));
  const active = packs.active().map((pack) => describeActive(pack, broken.get(pack.folder)));
  const known = new Set(active.map((pack) => pack.folder));
  const never = problems.filter((problem) => !known.has(problem.folder)).map(describeBroken);
  return [...active, ...never];
}

function describeActive(
  { definition, folder, activatedAt }: ActivePack,
  problem: FolderProblems | undefined,
): Pack {
  return {
    pack: definition.name,
    version: definition.version,
    status: problem === undefined ? "active" : "broken",
    digest: definition.digest,
    folder,
    actions: [...definition.actions.keys()],
    workflows: [...definition.workflows.keys()],
    rules: definition.rules.map((rule) => rule.ref),
    queues: definition.queues.map((queue) => queue.name),
    agents: [...definition.agents],
    sources: definition.sources.map((source) => source.name),
    sensors: definition.sensors.map((sensor) => sensor.ref),
    tasks: definition.tasks.map((task) => task.ref),
    ...describeErrors(problem),
    loaded_at: activatedAt,
  };
}

function describeErrors(found: FolderProblems | undefined): Pick<Pack, "errors" | "errors_since"> {
  if (found === undefined) return { errors: [], errors_since: null };
  return { errors: found.problems.map(problemAsFieldError), errors_since: found.foundAt };
}

function describeBroken(found: FolderProblems): Pack {
  const nothing = {
    version: "",
    digest: null,
    actions: [],
    workflows: [],
    rules: [],
    queues: [],
    agents: [],
    sources: [],
    sensors: [],
    tasks: [],
    loaded_at: null,
  };
  return {
    pack: found.pack ?? found.folder,
    status: "broken",
    folder: found.folder,
    ...describeErrors(found),
    ...nothing,
  };
}
