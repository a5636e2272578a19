import { definitionSchema, SCHEMA_KINDS } from "@yardmaster/kernel";
import { z } from "zod";
import type { Route } from "../../http/index.ts";

const params = z.object({ kind: z.enum(SCHEMA_KINDS) });

/**
 * `/schemas/{kind}.json`, with which editors complete and check pack files. Open: a language server sends no token,
 * and what it gets is the same for every installation and says nothing of this one (docs/decisions/012).
 */
export function schemaRoutes(): Route[] {
  const schema: Route<{ params: typeof params }> = {
    method: "GET",
    path: "/schemas/{kind}.json",
    summary: "The JSON Schema of a kind of pack file, for editors.",
    scope: "open",
    params,
    responses: {
      200: { description: "The schema", contentType: "application/schema+json" },
    },
    handler: ({ params: { kind } }) => ({
      text: JSON.stringify(definitionSchema(kind)),
      headers: {
        "content-type": "application/schema+json",
        "cache-control": "no-cache",
        // Editors in a browser ask from their own origin.
        "access-control-allow-origin": "*",
      },
    }),
  };
  return [schema];
}
