import { AppError } from "@yardmaster/protocol";
import { z } from "zod";
import type { Route, RouteReply } from "../http/index.ts";
import { readSiteFile, SITE_FOLDER } from "./site-file.ts";

/** The site's own files, and nothing else: it works without a network. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "referrer-policy": "no-referrer",
} as const;

const fileParams = z.object({ file: z.string() });
const nestedParams = z.object({ folder: z.string(), file: z.string() });

/** The docs at `/docs/`, open like the API's page beside them at `/docs/api`. */
export function siteRoutes(folder: string = SITE_FOLDER): Route[] {
  const shared = {
    method: "GET",
    scope: "open",
    isDocumented: false,
    responses: { 200: { description: "The page", contentType: "text/html" } },
  } as const;

  const home: Route = {
    ...shared,
    path: "/docs",
    summary: "The docs.",
    async handler({ url }) {
      if (!url.split("?", 1)[0]?.endsWith("/")) return moved("/docs/");
      return (await page(["index.html"])) ?? moved("/docs/api");
    },
  };

  const file: Route<{ params: typeof fileParams }> = {
    ...shared,
    path: "/docs/{file}",
    summary: "A page of the docs.",
    params: fileParams,
    handler: async ({ params }) => (await page([params.file])) ?? missing(params.file),
  };

  const nested: Route<{ params: typeof nestedParams }> = {
    ...shared,
    path: "/docs/{folder}/{file}",
    summary: "A page of the docs.",
    params: nestedParams,
    handler: async ({ params }) =>
      (await page([params.folder, params.file])) ?? missing(`${params.folder}/${params.file}`),
  };

  async function page(parts: readonly string[]): Promise<RouteReply | undefined> {
    const found = await readSiteFile(folder, parts);
    if (found === undefined) return undefined;
    return { headers: { ...HEADERS, "content-type": found.contentType }, bytes: found.bytes };
  }

  return [home, file, nested];
}

/** The site's addresses are relative, so its home is a folder. */
function moved(location: string): RouteReply {
  return { status: 307, headers: { location } };
}

function missing(path: string): never {
  const detail = `The docs have no page ${path.slice(0, 200)}; /docs/ lists them (npm run docs makes them)`;
  throw new AppError("not_found", detail);
}
