import {
  AppError,
  idSchema,
  pageFields,
  readRunFileSchema,
  runFileParams,
  runFileSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Engine } from "../engine/index.ts";
import type { Route, RouteReply } from "../http/index.ts";
import { pageReply } from "../paging/index.ts";
import { byteRange } from "./byte-range.ts";
import type { StoredContent } from "./contents.store.ts";
import { filePage } from "./file-page.ts";
import { filesOfSteps } from "./listed.ts";
import type { StepFiles } from "./step-files.ts";

const params = z.strictObject({ id: idSchema });
const page = z.strictObject(pageFields);
const BYTES = "application/octet-stream";

/** `/v1/runs/{id}/files`: what the steps of a run handed back. */
export function stepFileRoutes(engine: Engine, stepFiles: StepFiles): Route[] {
  return [listRoute(engine), contentRoute(stepFiles)];
}

function listRoute(engine: Engine): Route<{ params: typeof params; query: typeof page }> {
  return {
    method: "GET",
    path: "/v1/runs/{id}/files",
    summary: "The files that the steps of a run handed back, in the order of the steps.",
    scope: "runs:read",
    params,
    query: page,
    responses: { 200: { description: "A page of files", schema: z.array(runFileSchema) } },
    async handler({ params: { id }, query, url }) {
      const steps = await engine.steps(id);
      if (steps === undefined) throw new AppError("not_found", `There is no run ${id}`);
      return pageReply(filePage(filesOfSteps(steps), query), url);
    },
  };
}

function contentRoute(
  stepFiles: StepFiles,
): Route<{ params: typeof runFileParams; query: typeof readRunFileSchema }> {
  return {
    method: "GET",
    path: "/v1/runs/{id}/files/{sha256}",
    summary: "The content of a file of a run, or of the run that it is a step of.",
    description: `The checksum is the one of the list. One range of bytes may be asked for (Range), so that a download that was cut goes on: answered with 206, or 416 where it begins behind the end. The ETag is the checksum; with If-None-Match it is 304 where you have it.`,
    scope: "runs:read",
    params: runFileParams,
    query: readRunFileSchema,
    requestHeaders: {
      range: "One range of bytes: bytes=100-",
      "if-range": "The ETag that the range is of",
      "if-none-match": "The ETag of what you have",
    },
    responses: {
      200: { description: "The content", contentType: BYTES },
      206: { description: "The range of it that was asked for", contentType: BYTES },
      304: { description: "You have it" },
      416: { description: "The range begins behind the end", isEmpty: true },
    },
    async handler({ params: { id, sha256 }, query: { download }, headers }) {
      const content = await stepFiles.find(id, sha256);
      if (content === undefined)
        throw new AppError("not_found", `Run ${id} has no file with the checksum ${sha256}`);
      const common = commonHeaders(content, download);
      if (headers["if-none-match"]?.includes(common.etag) === true)
        return { status: 304, headers: common };
      // A range of something else would be put together with what it does not belong to.
      const isOther = headers["if-range"] !== undefined && headers["if-range"] !== common.etag;
      const range = isOther ? undefined : headers.range;
      return contentReply(stepFiles, content, common, range);
    },
  };
}

function commonHeaders({ sha256 }: StoredContent, download: string | undefined) {
  const name = download ?? sha256;
  return {
    etag: `"${sha256}"`,
    "accept-ranges": "bytes",
    // Never shown in the page's own origin: what a step wrote may be a page itself.
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", "%27")}`,
  };
}

function contentReply(
  stepFiles: StepFiles,
  content: StoredContent,
  common: ReturnType<typeof commonHeaders>,
  range: string | undefined,
): RouteReply {
  const { bytes } = content;
  const asked = byteRange(range, bytes);
  if (asked === "unsatisfiable")
    return { status: 416, headers: { ...common, "content-range": `bytes */${bytes}` } };
  const { from, to } = asked === "whole" ? { from: 0, to: bytes } : asked;
  const part = asked === "whole" ? {} : { "content-range": `bytes ${from}-${to - 1}/${bytes}` };
  return {
    status: asked === "whole" ? 200 : 206,
    headers: { ...common, ...part, "content-length": String(to - from) },
    stream: { contentType: BYTES, chunks: () => stepFiles.read(content, from, to) },
  };
}
