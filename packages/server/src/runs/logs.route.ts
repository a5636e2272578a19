import { AppError, idSchema, logLineSchema, readLogsSchema } from "@yardmaster/protocol";
import { z } from "zod";
import type { Engine } from "../engine/index.ts";
import type { Route, RouteReply } from "../http/index.ts";
import { pageOf, pageReply } from "../paging/index.ts";
import { followLogs, lastWords } from "./follow-logs.ts";

const params = z.strictObject({ id: idSchema });
const LINES = "application/x-ndjson";

/** `GET /v1/runs/{id}/logs`: a page as an array, or as JSON lines where those are asked for; or all as they come. */
export function logsRoute(
  engine: Engine,
): Route<{ params: typeof params; query: typeof readLogsSchema }> {
  return {
    method: "GET",
    path: "/v1/runs/{id}/logs",
    summary: "What the attempts of a run wrote, in the order in which it was stored.",
    description: `A page is an array, or JSON lines with "Accept: ${LINES}". With tail=N the first page begins N lines before the end; where several attempts write at once, the first piece of each may begin within a line. With follow=true all comes as JSON lines, as it is written, until the run has ended; one that ends before (the server stops, the database is out of reach, the token is not valid any more, what was sent was not read) has a last line {"type": "cut", "code", "reason"}.`,
    scope: "runs:read",
    params,
    query: readLogsSchema,
    responses: { 200: { description: "Pieces of the log", schema: z.array(logLineSchema) } },
    async handler({
      params: { id },
      query: { step, limit, cursor, follow, tail, raw },
      url,
      headers,
    }): Promise<RouteReply> {
      if ((await engine.run(id)) === undefined)
        throw new AppError("not_found", `There is no run ${id}`);
      const options = {
        raw,
        ...(step !== undefined && { step }),
        ...(cursor !== undefined && { after: cursor }),
        ...(tail !== undefined && { tail }),
      };
      if (follow) {
        // While it can still be refused with a status.
        if (cursor !== undefined) await engine.logs(id, { ...options, limit: 1 });
        return {
          stream: {
            contentType: LINES,
            chunks: (signal) => followLogs(engine, id, { ...options, signal }),
            lastWords,
          },
        };
      }
      const found = await engine.logs(id, { ...options, limit: limit + 1 });
      const page = pageReply(
        pageOf(found, limit, (line) => line.cursor),
        url,
      );
      if (headers.accept !== LINES) return page;
      const text = page.body.map((line) => `${JSON.stringify(line)}\n`).join("");
      return { headers: { ...page.headers, "content-type": LINES }, text };
    },
  };
}
