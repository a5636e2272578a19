import { ERRORS, SCOPE_MEANINGS } from "@yardmaster/protocol";
import { openApiOf } from "../http/index.ts";
import { describeSettings } from "../settings/index.ts";
import { METRICS, type MetricKind } from "../telemetry/index.ts";
import { VERSION } from "../version.ts";
import { apiPage } from "./api-page.ts";
import { everyRoute, everyTool } from "./every-route.ts";
import { code, pageOf, tableOf } from "./markdown.ts";
import { mcpPage } from "./mcp-page.ts";

/** The pages of docs/reference that come from the server, by file name. */
export function referencePages(): { readonly [file: string]: string } {
  const routes = everyRoute();
  return {
    "api.md": apiPage(openApiOf(routes, VERSION)),
    "errors.md": errorsPage(),
    "mcp.md": mcpPage(everyTool()),
    "metrics.md": metricsPage(),
    "scopes.md": scopesPage(routes),
    "settings.md": settingsPage(),
  };
}

function settingsPage(): string {
  const rows = describeSettings().map(({ name, key, flag, fallback, about, choices, isList }) => [
    code(name),
    code(key),
    flag === undefined ? "" : code(flag),
    fallback === undefined ? "" : code(fallback),
    choices.length === 0
      ? about
      : `${about} ${isList ? "Some" : "One"} of ${choices.map(code).join(", ")}.`,
  ]);
  return pageOf(
    "Settings",
    "Each can stand in the environment, or in `yard.yaml` in the folder where the server is started. The environment wins over the file, a flag of `yard start` over both. A setting that there is not is refused, with the likely one.",
    tableOf(["environment", "yard.yaml", "flag", "default", "what it is"], rows),
    "The command line finds its server by `YARD_URL` and `YARD_TOKEN`, else by the data folder.",
  );
}

function errorsPage(): string {
  const entries = Object.entries(ERRORS);
  const head = ["code", "HTTP", "exit code of yard", "what it says"];
  const rowsOf = (isOfWork: boolean) =>
    entries
      .filter(([, { status }]) => (status === 200) === isOfWork)
      .map(([name, { status, exit, title }]) => [
        code(name),
        isOfWork ? "" : String(status),
        String(exit),
        title,
      ]);
  return pageOf(
    "Errors",
    "Every error has a stable `code`. The API answers with problem details (RFC 9457): `type`, `title`, `status`, `detail`, and beside them `code`, `errors` (each wrong place with `path`, `message`, `expected`, `got`, `hint`) and the `request_id` under which the server logged it.",
    "## Of requests",
    tableOf(head, rowsOf(false)),
    "## Of runs, steps and attempts",
    "These stand in `error` of what failed; the exit code is that of `yard run --wait`.",
    tableOf(head, rowsOf(true)),
  );
}

function scopesPage(routes: ReturnType<typeof everyRoute>): string {
  const rows = Object.entries(SCOPE_MEANINGS).map(([scope, meaning]) => [
    code(scope),
    meaning,
    scope === "admin" ? `all; ${routesOf(routes, scope)} need it` : routesOf(routes, scope),
  ]);
  const open = routes.filter(({ scope }) => scope === "open");
  return pageOf(
    "Scopes",
    "A token allows what its scopes say. `admin` allows all; no other scope includes another. A request that its token does not allow gets 403, and the scope that is missing. Make one with `yard tokens create NAME --scope runs:read,runs:write --expires 30d`.",
    tableOf(["scope", "allows to", "routes"], rows),
    `For any token: ${routesOf(routes, "any")}.`,
    `Open without a token: ${open.map(({ method, path }) => code(`${method} ${path}`)).join(", ")}.`,
  );
}

function routesOf(routes: ReturnType<typeof everyRoute>, wanted: string): string {
  return routes
    .filter(({ scope }) => scope === wanted)
    .map(({ method, path }) => code(`${method} ${path}`))
    .join(", ");
}

function metricsPage(): string {
  const rows = Object.entries<MetricKind>(METRICS).map(([name, { type, help, labels }]) => [
    code(name),
    type,
    Object.entries(labels)
      .map(([label, meaning]) => `${code(label)}: ${meaning}`)
      .join("; "),
    help,
  ]);
  return pageOf(
    "Metrics",
    "`GET /metrics` gives them in the text format of Prometheus: without a token from this machine itself, else with the scope `metrics:read`. Counters and histograms speak of the process that is asked; gauges of queues, workers and the feed of the whole installation. No label grows with use: none holds an id, a ref or a name that a stranger chose.",
    tableOf(["metric", "type", "labels", "what it says"], rows),
  );
}
