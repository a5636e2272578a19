import { problemSchema } from "@yardmaster/protocol";
import { z } from "zod";
import { REPLAYED_HEADER } from "../../idempotency/index.ts";
import { queryOf } from "../checks/query.ts";
import { KEY_FORM, KEY_HEADER, MAX_KEY_LENGTH, takesKey } from "../idempotency-key.ts";
import type { Route, RouteResponse } from "../route.ts";

type JsonSchema = { [key: string]: unknown };

/** An OpenAPI 3.1 document; only what is made here is typed. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, JsonSchema>;
    readonly securitySchemes: JsonSchema;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly JsonSchema[];
  readonly "x-scope": string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Record<string, { schema: JsonSchema }>;
  };
  readonly responses: Record<string, DescribedResponse>;
}

interface DescribedResponse {
  readonly description: string;
  readonly headers?: Record<string, { description: string; schema: JsonSchema }>;
  readonly content?: Record<string, { schema: JsonSchema }>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** OpenAPI 3.1 from the route descriptions and the schemas that check the requests. */
export function openApiOf(routes: readonly Route[], version: string): OpenApi {
  const schemas: Record<string, JsonSchema> = {};
  const paths: OpenApi["paths"] = {};
  for (const route of routes) {
    if (route.isDocumented === false) continue;
    const methods = paths[route.path] ?? {};
    paths[route.path] = methods;
    methods[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Yardmaster",
      version,
      description: "Events in, durable runs out. Lists are arrays; the next page stands in Link.",
    },
    paths,
    components: { schemas, securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  };
}

function operationOf(route: Route, schemas: Record<string, JsonSchema>): Operation {
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: [route.path.split("/").find((part) => part !== "" && part !== "v1") ?? "root"],
    security: securityOf(route),
    "x-scope": route.scope,
    parameters: [
      ...parametersOf(route, { schema: route.params, place: "path" }, schemas),
      ...parametersOf(route, { schema: queryOf(route), place: "query" }, schemas),
      ...(takesKey(route) ? [keyParameter(route)] : []),
      ...headerParameters(route),
    ],
    ...bodyOf(route, schemas),
    responses: responsesOf(route, schemas),
  };
}

/** An empty entry means that the token may be left out (OpenAPI 3.1, Operation Object). */
function securityOf({ scope, isOpenToLoopback }: Route): JsonSchema[] {
  if (scope === "open") return [];
  return isOpenToLoopback === true ? [{}, { token: [] }] : [{ token: [] }];
}

/** `get_v1_runs_id_steps`: stable as long as the path is. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].join("_");
}

function parametersOf(
  route: Route,
  { schema, place }: { readonly schema: z.ZodType | undefined; readonly place: "path" | "query" },
  schemas: Record<string, JsonSchema>,
): Parameter[] {
  const names =
    place === "path" ? [...route.path.matchAll(/\{([^}]+)\}/g)].map((m) => m[1] as string) : [];
  const object = schema === undefined ? {} : jsonSchemaOf(schema, "input", schemas);
  const properties = (object["properties"] ?? {}) as Record<string, JsonSchema>;
  const required = (object["required"] ?? []) as string[];
  return [...new Set([...names, ...Object.keys(properties)])].map((name) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: properties[name] ?? { type: "string" },
  }));
}

const AGAIN_GETS = {
  own: "the same request again within 24 hours is not carried out again",
  kept: "the same request again within 24 hours gets the first answer",
  repeatable: "the same request again within 24 hours gets the first answer",
  by_claim: "the same request again within 24 hours is not carried out again",
  shown_once: "the same request again within 24 hours is refused: what it shows is shown once",
  harmless: "not needed",
} as const;

function keyParameter({ idempotency = "kept" }: Route): Parameter {
  return {
    name: KEY_HEADER,
    in: "header",
    required: false,
    description: `A text of the caller's, ${KEY_FORM}: ${AGAIN_GETS[idempotency]}, another request under it is refused.`,
    schema: { type: "string", minLength: 1, maxLength: MAX_KEY_LENGTH },
  };
}

function headerParameters({ requestHeaders = {} }: Route): Parameter[] {
  return Object.entries(requestHeaders).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
}

function bodyOf(route: Route, schemas: Record<string, JsonSchema>): Pick<Operation, "requestBody"> {
  if (route.rawBody === true)
    return { requestBody: { required: true, content: { "*/*": { schema: {} } } } };
  if (route.body === undefined) return {};
  const schema = jsonSchemaOf(route.body, "input", schemas);
  return { requestBody: { required: true, content: { "application/json": { schema } } } };
}

const PROBLEM: RouteResponse = {
  description: "What went wrong",
  schema: problemSchema,
  contentType: "application/problem+json",
};

function responsesOf(route: Route, schemas: Record<string, JsonSchema>): Operation["responses"] {
  const all: [string, RouteResponse][] = [...Object.entries(route.responses), ["default", PROBLEM]];
  return Object.fromEntries(
    all.map(([status, response]) => {
      const { description, schema, contentType } = asAnswered(status, response);
      const headers = headersOf(route, status, response);
      const shown = { description, ...(headers !== undefined && { headers }) };
      const type = contentType ?? (schema && "application/json");
      if (type === undefined) return [status, shown];
      const shape = schema === undefined ? {} : jsonSchemaOf(schema, "output", schemas);
      return [status, { ...shown, content: { [type]: { schema: shape } } }];
    }),
  );
}

/** What a handler refuses is told as problem details, which a route need not repeat. */
function asAnswered(status: string, response: RouteResponse): RouteResponse {
  const isRefusal = Number(status) >= 400 && response.schema === undefined && !response.isEmpty;
  return isRefusal ? { ...PROBLEM, description: response.description } : response;
}

function headersOf(
  route: Route,
  status: string,
  { headers }: RouteResponse,
): DescribedResponse["headers"] {
  const query = queryOf(route);
  const isPaged = query instanceof z.ZodObject && "cursor" in query.shape;
  const isAnsweredAgain = takesKey(route) && route.idempotency !== "shown_once";
  const isSuccess = status.startsWith("2");
  const all = Object.entries({
    ...headers,
    ...(isSuccess && isPaged && { link: 'The next page, where there is one: rel="next"' }),
    ...(isSuccess &&
      isAnsweredAgain && { [REPLAYED_HEADER]: '"true": that of an earlier request' }),
  });
  if (all.length === 0) return undefined;
  return Object.fromEntries(
    all.map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}

/** JSON Schema of a zod schema; those with an id go to the components, and are pointed to. */
function jsonSchemaOf(
  schema: z.ZodType,
  io: "input" | "output",
  schemas: Record<string, JsonSchema>,
): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Answers may get more fields in a later version: clients must not refuse those.
      if (io === "output") delete jsonSchema.additionalProperties;
      // The format says it, and the pattern is unreadable.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  const {
    $schema: _,
    $defs,
    ...shape
  } = JSON.parse(
    JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as JsonSchema;
  for (const [id, component] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>)) {
    const { id: _id, ...rest } = component;
    schemas[id] = rest;
  }
  return shape;
}
