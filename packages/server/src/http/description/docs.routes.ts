import type { Route } from "../route.ts";
import { docsPage } from "./docs-page.ts";
import { openApiOf } from "./openapi.ts";

/** Documentation made from the descriptions of all routes, its own included; made once, when first asked for. */
export function docsRoutes(
  routes: readonly Route[],
  { version }: { readonly version: string },
): Route[] {
  let made: { readonly json: string; readonly html: string } | undefined;
  const documents = (): { readonly json: string; readonly html: string } => {
    if (made === undefined) {
      const openApi = openApiOf([...routes, openApiRoute, pageRoute], version);
      made = { json: JSON.stringify(openApi), html: docsPage(openApi) };
    }
    return made;
  };

  const openApiRoute: Route = {
    method: "GET",
    path: "/openapi.json",
    summary: "This API as OpenAPI 3.1.",
    scope: "open",
    responses: { 200: { description: "The document", contentType: "application/json" } },
    handler: () => ({ text: documents().json }),
  };

  const pageRoute: Route = {
    method: "GET",
    path: "/docs/api",
    summary: "This API as a page.",
    scope: "open",
    responses: { 200: { description: "The page", contentType: "text/html" } },
    handler: () => ({
      text: documents().html,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy":
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      },
    }),
  };

  return [openApiRoute, pageRoute];
}
