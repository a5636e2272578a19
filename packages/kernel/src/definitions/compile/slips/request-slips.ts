import { type DocumentNode, jsonOf, type MapNode } from "../../document.ts";
import { bodyFlaw, HTTP_RESPONSE_FIELDS, headerNameFlaw } from "../../http-request.ts";
import { isMcpHeader } from "../../mcp-request.ts";
import type { Report } from "../../problem.ts";

/** What is wrong with a request however its expressions come out: its address, the names of its headers. */
export function reportRequest(request: MapNode, report: Report): void {
  reportUrl(request.entries.get("url")?.value, report);
  const headers = request.entries.get("headers")?.value;
  if (headers?.kind !== "map") return;
  for (const [name, { keyPlace }] of headers.entries) {
    const flaw = headerNameFlaw(name);
    if (flaw !== undefined) report(keyPlace, `headers.${name} ${flaw}`);
  }
}

/** The same of the server of an MCP tool. */
export function reportMcpServer(server: MapNode, report: Report): void {
  reportRequest(server, report);
  const headers = server.entries.get("headers")?.value;
  for (const [name, { keyPlace }] of headers?.kind === "map" ? headers.entries : [])
    if (isMcpHeader(name))
      report(keyPlace, `headers.${name} is set by Yardmaster itself; leave it out`);
}

/** A field that no response has would fail each attempt, or be missing where it is read. */
export function reportResponse(output: DocumentNode | undefined, report: Report): void {
  if (output?.kind !== "map") return;
  const known = Object.keys(HTTP_RESPONSE_FIELDS);
  const hint = `it has ${known.join(", ")}; what JSON holds is declared under body`;
  for (const [name, { keyPlace }] of output.entries)
    if (!known.includes(name)) report(keyPlace, `output: a response has no "${name}"`, hint);
}

/** What is wrong with the `with` of `core.http`, where it is known; actions have their bodies and the beginning of their address looked at. */
export function reportCoreRequest(request: MapNode, report: Report): void {
  reportRequest(request, report);
  const url = request.entries.get("url")?.value;
  if (isKnown(url) && URL.canParse(url.value) && !/^https?:$/.test(new URL(url.value).protocol))
    report(url.place, "url must begin with http:// or https://", "give the whole address");
  const shape = new Map([...request.entries].map(([key, { value }]) => [key, jsonOf(value)]));
  if (String(shape.get("method")).includes("${{")) shape.set("method", "POST");
  const flaw = bodyFlaw(Object.fromEntries(shape));
  if (flaw !== undefined) report(request.place, flaw);
}

function reportUrl(url: DocumentNode | undefined, report: Report): void {
  if (isKnown(url) && /^https?:\/\//i.test(url.value) && !URL.canParse(url.value))
    report(url.place, "url is no address", "write https://host/path");
}

function isKnown(
  node: DocumentNode | undefined,
): node is Extract<DocumentNode, { kind: "scalar" }> & { readonly value: string } {
  return node?.kind === "scalar" && typeof node.value === "string" && !node.value.includes("${{");
}
