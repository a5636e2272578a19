import { type JsonObject, nextCursor, type Scope } from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../../http/index.ts";
import { fits } from "../answer/bounded.ts";
import type { ApiCall, ApiRequest } from "../api-call.ts";
import { routeArguments } from "./route-arguments.ts";
import type { JsonSchema, Tool, ToolAnswer, ToolHints } from "./tool.ts";
import { toolSchemaOf } from "./tool-schema.ts";

/** Of lists, where the caller does not say: a model reads all of it. */
export const LIST_LIMIT = 20;

/** What is said of a tool beside what the description of its route says already. */
export interface RouteToolSpec {
  readonly name: string;
  /** `GET /v1/runs`. */
  readonly route: string;
  readonly title: string;
  /** For a model that has to choose: what it does, what comes back, what to do next. */
  readonly description: string;
  readonly hints: ToolHints;
  readonly omit?: readonly string[];
  readonly defaults?: JsonObject;
  readonly words?: { readonly [argument: string]: string };
  /** Of what is listed, the fields that are told; all where it does not say. */
  readonly pick?: readonly string[];
  next?(value: object): string | undefined;
}

/** A tool that is a route of the API by another name: its arguments, its answer and its scope are the route's. */
export function routeTool(spec: RouteToolSpec, { route, query, isKeyed }: ToolRoute): Tool {
  const schema = answerSchema(route);
  const isList = schema instanceof z.ZodArray;
  const defaults = { ...(isList && { limit: LIST_LIMIT }), ...spec.defaults };
  const { inputSchema, requestOf } = routeArguments(route, { ...spec, query, isKeyed, defaults });
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    inputSchema,
    outputSchema: isList ? listSchema(schema, spec.pick) : objectSchema(schema),
    annotations: spec.hints,
    scopes: [route.scope as Scope],
    async call(args, { api, key }) {
      const request = requestOf(args, key);
      const answer = isList ? await page(api, request, spec.pick) : await whole(api, request);
      return { ...answer, next: spec.next?.(answer.value) };
    },
  };
}

/** A route with what `http/` makes of its description. */
export interface ToolRoute {
  readonly route: Route;
  readonly query: z.ZodType | undefined;
  readonly isKeyed: boolean;
}

function answerSchema({ responses, path }: Route): z.ZodType {
  const [, found] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  if (found?.schema === undefined) throw new Error(`${path} answers nothing to tell (m7r3)`);
  return found.schema;
}

/** The root of a tool's answer is a map, whatever else it may be. */
function objectSchema(schema: z.ZodType): JsonSchema {
  return { type: "object", ...toolSchemaOf(schema, "output") };
}

function listSchema(schema: z.ZodArray, pick: readonly string[] | undefined): JsonSchema {
  const item = toolSchemaOf(schema.element as z.ZodType, "output");
  return {
    type: "object",
    properties: {
      items: { type: "array", items: pick === undefined ? item : picked(item, pick) },
      next_cursor: {
        type: ["string", "null"],
        description: "Where the next page begins, as `cursor`; null: there is none.",
      },
    },
    required: ["items", "next_cursor"],
  };
}

function picked(
  { properties, required, ...rest }: JsonSchema,
  pick: readonly string[],
): JsonSchema {
  const known = properties as Record<string, JsonSchema>;
  const lost = pick.find((name) => !(name in known));
  if (lost !== undefined) throw new Error(`nothing listed has a field ${lost} (m7p4)`);
  return {
    ...rest,
    properties: Object.fromEntries(pick.map((name) => [name, known[name]])),
    required: (required as string[]).filter((name) => pick.includes(name)),
  };
}

async function whole(api: ApiCall, request: ApiRequest): Promise<ToolAnswer> {
  const { body } = await api(request);
  return { value: (body ?? {}) as object, whole: `${request.method} ${request.path}` };
}

/** Asked for again by half as many where they are too much to tell: whatever is left out would be passed by the cursor. */
async function page(
  api: ApiCall,
  request: ApiRequest,
  pick: readonly string[] | undefined,
): Promise<ToolAnswer> {
  const url = new URL(request.path, "http://any");
  for (;;) {
    const { body, headers } = await api({ ...request, path: `${url.pathname}${url.search}` });
    const items = (body as object[]).map((item) => only(item, pick));
    const limit = Number(url.searchParams.get("limit"));
    const value = { items, next_cursor: nextCursor(headers["link"]) ?? null };
    const isLeast = items.length <= 1 || limit <= 1;
    if (isLeast || fits(value)) return { value, whole: `${request.method} ${request.path}` };
    url.searchParams.set("limit", String(Math.ceil(Math.min(limit, items.length) / 2)));
  }
}

function only(item: object, pick: readonly string[] | undefined): object {
  if (pick === undefined) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => pick.includes(name)));
}
