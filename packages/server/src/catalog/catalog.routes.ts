import { CORE_ACTIONS, type PackDefinition } from "@yardmaster/kernel";
import {
  type Action,
  AppError,
  actionSchema,
  nearestRef,
  type Workflow,
  workflowSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { Packs } from "../packs/index.ts";
import { actionView, type FromPack, workflowView } from "./views.ts";

const params = z.strictObject({ ref: z.string().min(1).max(300) });
const query = z.strictObject({ pack: z.string().min(1).max(300).optional() });
const CORE = { pack: "core", digest: null, description: undefined, asTool: false } as const;

/** `/v1/actions` and `/v1/workflows`: what the active packs define, and what comes with Yardmaster. */
export function catalogRoutes(packs: Pick<Packs, "active">): Route[] {
  return [
    ...listAndGet({
      plural: "actions",
      schema: actionSchema,
      all: () => allActions(packs),
    }),
    ...listAndGet({
      plural: "workflows",
      schema: workflowSchema,
      all: () => allWorkflows(packs),
    }),
  ];
}

interface Kind<T> {
  readonly plural: "actions" | "workflows";
  readonly schema: z.ZodType<T>;
  readonly all: () => T[];
}

function listAndGet<T extends { readonly ref: string; readonly pack: string }>({
  plural,
  schema,
  all,
}: Kind<T>): Route[] {
  const list: Route<{ query: typeof query }> = {
    method: "GET",
    path: `/v1/${plural}`,
    summary: `Lists the ${plural} that can be run, with the schemas of their input.`,
    scope: "packs:read",
    query,
    pagedBy: ({ ref }: T) => ref,
    responses: { 200: { description: `A page of ${plural}, by ref`, schema: z.array(schema) } },
    handler: ({ query: { pack } }) => ({
      body: all().filter((one) => pack === undefined || one.pack === pack),
    }),
  };

  const get: Route<{ params: typeof params }> = {
    method: "GET",
    path: `/v1/${plural}/{ref}`,
    summary: `Shows one of the ${plural}.`,
    scope: "packs:read",
    params,
    responses: { 200: { description: "As its active pack defines it", schema } },
    handler({ params: { ref } }) {
      const known = all();
      const found = known.find((one) => one.ref === ref);
      if (found !== undefined) return { body: found };
      const near = nearestRef(
        ref,
        known.map((one) => one.ref),
      );
      const hint = near === undefined ? "" : ` Did you mean ${near}?`;
      throw new AppError("not_found", `${ref} is none of the ${plural}.${hint}`);
    },
  };

  return [list, get];
}

function allActions(packs: Pick<Packs, "active">): Action[] {
  const core = [...CORE_ACTIONS.values()].map((action) => actionView(action, CORE));
  const others = packs
    .active()
    .flatMap(({ definition }) =>
      [...definition.actions.values()].map((action) =>
        actionView(action, fromPack(definition, action.ref)),
      ),
    );
  return [...core, ...others].sort(byRef);
}

function allWorkflows(packs: Pick<Packs, "active">): Workflow[] {
  return packs
    .active()
    .flatMap(({ definition }) =>
      [...definition.workflows.values()].map((workflow) =>
        workflowView(workflow, fromPack(definition, workflow.ref)),
      ),
    )
    .sort(byRef);
}

function fromPack({ name, digest, descriptions, tools }: PackDefinition, ref: string): FromPack {
  return { pack: name, digest, description: descriptions.get(ref), asTool: tools.has(ref) };
}

function byRef(a: { readonly ref: string }, b: { readonly ref: string }): number {
  return a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0;
}
