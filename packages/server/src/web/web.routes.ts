import { AppError } from "@yardmaster/protocol";
import { z } from "zod";
import type { Route, RouteReply } from "../http/index.ts";
import { acceptedBody } from "./accepted-encoding.ts";
import type { PageFile, PageFiles } from "./page-files.ts";

/**
 * Nothing but our own files, no inline script or style, no frame around it, and no text that becomes script: what a
 * run writes is shown on this page, and the page holds a token.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const PAGE_HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
} as const;

/** Names change with their content. */
const ASSET_HEADERS = {
  "cache-control": "public, max-age=31536000, immutable",
} as const;

/** Addresses of the page; its script shows what belongs there. */
const PAGE_PATHS = [
  "/",
  "/runs/{id}",
  "/events",
  "/events/{id}",
  "/deliveries",
  "/rules",
  "/rules/{ref}",
  "/questions",
  "/tasks",
  "/tasks/{task}",
  "/nodes",
  "/nodes/{name}",
  "/queues",
  "/queues/{name}",
  "/packs",
  "/packs/{pack}",
] as const;
const params = z.object({ file: z.string() });

/** The page for browsers. It holds nothing by itself: it asks for a token and reads the API with it. */
export function webRoutes(files: PageFiles): Route[] {
  const pages = PAGE_PATHS.map(
    (path): Route => ({
      method: "GET",
      path,
      summary: "The page for browsers.",
      scope: "open",
      isDocumented: false,
      responses: { 200: { description: "The page", contentType: "text/html" } },
      handler: ({ headers }) => send(files.index, { asked: headers, own: PAGE_HEADERS }),
    }),
  );

  const asset: Route<{ params: typeof params }> = {
    method: "GET",
    path: "/assets/{file}",
    summary: "A part of the page.",
    scope: "open",
    isDocumented: false,
    params,
    responses: { 200: { description: "The file" } },
    handler: ({ headers, params: { file } }) => {
      const found = files.assets.get(file);
      if (found === undefined) throw new AppError("not_found", `There is no file ${file}`);
      return send(found, { asked: headers, own: ASSET_HEADERS });
    },
  };

  return [...pages, asset];
}

interface SendOptions {
  /** Headers of the request. */
  readonly asked: { readonly [name: string]: string | string[] | undefined };
  readonly own: { readonly [name: string]: string };
}

function send(file: PageFile | undefined, { asked, own }: SendOptions): RouteReply {
  if (file === undefined)
    throw new AppError("not_found", "The page is not built: npm run build makes it");
  const headers = { ...own, etag: file.etag, vary: "accept-encoding" };
  if (asked["if-none-match"] === file.etag) return { status: 304, headers };
  const { bytes, encoding } = acceptedBody(file, asked["accept-encoding"]);
  return {
    headers: {
      ...headers,
      "content-type": file.contentType,
      ...(encoding !== undefined && { "content-encoding": encoding }),
    },
    bytes,
  };
}
