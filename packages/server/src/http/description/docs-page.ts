import { ERRORS } from "@yardmaster/protocol";
import type { OpenApi, Operation } from "./openapi.ts";

/** The API for people: one HTML page without script or outside assets. */
export function docsPage(openApi: OpenApi): string {
  const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2 id="${escapeHtml(tag)}">${escapeHtml(tag)}</h2>${own.map(operationHtml).join("")}`;
  });
  const contents = [...tags, "schemas", "errors"].map(
    (tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(openApi.info.title)} API</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(openApi.info.title)} API <small>${escapeHtml(openApi.info.version)}</small></h1>
<p>${escapeHtml(openApi.info.description)} The same for programs: <a href="/openapi.json">/openapi.json</a>. How to use it: <a href="/docs/">the docs</a>.</p>
<p>Send a token as <code>Authorization: Bearer &lt;token&gt;</code>. The admin token stands in the file
<code>admin-token</code> of the data folder.</p>
<nav>${contents.join(" · ")}</nav>
${sections.join("\n")}
<h2 id="schemas">schemas</h2>${Object.entries(openApi.components.schemas).map(schemaHtml).join("")}
<h2 id="errors">errors</h2><table>${Object.entries(ERRORS).map(errorHtml).join("")}</table>
</body></html>`;
}

const TOKENS: Readonly<Record<string, string>> = { open: "no token", any: "any token" };

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const { parameters, requestBody, responses } = operation;
  const rows = parameters.map(
    ({ name, in: place, required, schema, description = "" }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${place}${required ? ", needed" : ""}</td><td>${schemaText(schema)} ${escapeHtml(description)}</td></tr>`,
  );
  const body = Object.entries(requestBody?.content ?? {}).map(
    ([type, { schema }]) =>
      `<tr><td>body</td><td>${escapeHtml(type)}</td><td>${schemaText(schema)}</td></tr>`,
  );
  const answers = Object.entries(responses).flatMap(([status, { description, headers, content }]) =>
    Object.entries(content ?? { "": { schema: {} } }).map(
      ([type, { schema }]) =>
        `<tr><td>${status}</td><td>${escapeHtml(description)}</td><td>${escapeHtml(type)} ${type === "" ? "" : schemaText(schema)}${headersHtml(headers)}</td></tr>`,
    ),
  );
  const token = TOKENS[operation["x-scope"]] ?? `scope ${operation["x-scope"]}`;
  const more =
    operation.description?.split("\n\n").map((text) => `<p>${escapeHtml(text)}</p>`) ?? [];
  return `<section id="${escapeHtml(operation.operationId)}"><h3><b>${method.toUpperCase()}</b> ${escapeHtml(path)}
<small>${escapeHtml(token)}</small></h3><p>${escapeHtml(operation.summary)}</p>${more.join("")}
<table>${[...rows, ...body, ...answers].join("")}</table></section>`;
}

function headersHtml(headers: Operation["responses"][string]["headers"] = {}): string {
  return Object.entries(headers)
    .map(([name, { description }]) => `<br><code>${name}</code> ${escapeHtml(description)}`)
    .join("");
}

function schemaHtml([name, schema]: [string, object]): string {
  return `<details id="schema-${escapeHtml(name)}"><summary>${escapeHtml(name)}</summary><pre>${linked(escapeHtml(JSON.stringify(schema, null, 2)))}</pre></details>`;
}

function schemaText(schema: object): string {
  const text = JSON.stringify(schema);
  return text === "{}" ? "any" : `<code>${linked(escapeHtml(text))}</code>`;
}

/** References become links to the schema on this page. */
function linked(escaped: string): string {
  const reference =
    /(?:\{\s*)?&quot;\$ref&quot;:\s*&quot;#\/components\/schemas\/(\w+)&quot;(?:\s*\})?/g;
  return escaped.replaceAll(reference, '<a href="#schema-$1">$1</a>');
}

function errorHtml([code, { status, title }]: [string, { status: number; title: string }]): string {
  return `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;overflow-wrap:anywhere}
h2{margin-top:3rem;border-bottom:1px solid #ccd3dd}h3{font-weight:400;margin-bottom:0}small{color:#66758a;font-size:.8rem}
code,pre{font-size:.85rem}pre{background:#f3f5f8;padding:1rem;overflow:auto}
table{border-collapse:collapse;width:100%}td{border-top:1px solid #e4e8ee;padding:.3rem .8rem .3rem 0;vertical-align:top}td:first-child{white-space:nowrap}td:nth-child(2){overflow-wrap:break-word}
@media(max-width:40rem){td{display:block;padding:0 0 0 1rem}td+td{border:0}td:last-child{padding-bottom:.3rem}td:first-child{padding:.3rem 0 0;font-weight:600}}
a{color:#0b57c2}tr:target,details:target{background:#fff6d6}
@media(prefers-color-scheme:dark){body{background:#12161c;color:#dde3ec}pre{background:#1b212a}td,h2{border-color:#313b49}a{color:#7db2ff}}`;
