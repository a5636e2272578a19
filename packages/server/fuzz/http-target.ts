import { isAppError, nextCursor } from "@yardmaster/protocol";
import type { Feed } from "../src/engine/index.ts";
import type { Http } from "../src/http/index.ts";
import { type FuzzTarget, must, wordFor } from "./target.ts";
import { requestOf } from "./targets/request.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const RUN = '\ncontent-type: application/json\n\n{"ref":"core.noop","input":{"a":1}}';
/** Answered when a client has gone: what is asked here is asked for one answer. */
const ENDLESS = /follow|stream/i;
const PATIENCE_MS = 5_000;

export interface HttpTargetDeps {
  readonly http: Pick<Http, "inject">;
  readonly feed: Pick<Feed, "read" | "head">;
  /** What the server logged as its own failures so far. */
  readonly failures: () => readonly string[];
}

/** A request: `METHOD /path?query`, headers, an empty line, the body. No answer is the server's own failure. */
export function createHttpTarget({ http, feed, failures }: HttpTargetDeps): FuzzTarget {
  return {
    name: "http",
    limitMs: 1_000,
    seeds: [
      `GET /v1/runs?limit=2&status=success&cursor=${ID}`,
      `POST /v1/runs\nidempotency-key: a${RUN}`,
      `GET /v1/runs/${ID}/logs?after=1.1.1.a&step=x`,
      `POST /v1/runs/${ID}/cancel\n\n`,
      `GET /v1/decisions?rule=t.a&status=matched&cursor=${ID}.0.t.a`,
      "GET /v1/events?type=a.*&source=s&limit=200",
      'POST /v1/events\ncontent-type: application/cloudevents+json\n\n{"type":"a.b","data":{"n":1}}',
      "POST /webhook/hub\ncontent-type: application/json\nx-hub-signature-256: sha256=0\n\n{}",
      'POST /v1/sources\ncontent-type: application/json\n\n{"name":"b","kind":"generic","secret":"x"}',
      'POST /v1/sources/b/rotate\ncontent-type: application/json\n\n{"secret":"y","previous_valid_for":"24h"}',
      "DELETE /v1/sources/b",
      "GET /v1/rules\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      `FEED ${ID}.123.4.5`,
      "GET /openapi.json",
      `GET /v1/runs/${"a/b".repeat(2_000)}`,
    ],
    words: [
      "/v1/",
      "/runs",
      "/steps",
      "/logs",
      "/explain",
      "/verify",
      "/events",
      "/decisions",
      "/rules",
      "/sources",
      "/packs",
      "?cursor=",
      "&limit=",
      "&status=",
      "&since=",
      "?type=",
      "%00",
      "%ff",
      "%2f",
      "%",
      "+",
      "..",
      ID,
      "core.noop",
      "core.fail",
      ".0.",
      "-1",
      "1e3",
      "content-type: ",
      "idempotency-key: ",
      '"ref":',
      '"input":',
      '"__proto__":{}',
      "\\u0000",
      "99999999999999999999",
      "FEED ",
      "POST ",
      "DELETE ",
    ],
    async run(input) {
      const [line = ""] = input.toString("latin1").split("\n", 1);
      const [method = "", path = ""] = line.split(" ");
      if (method === "FEED") return `feed ${await readFeed(feed, path)}`;
      const known = METHODS.find((name) => name === method);
      const isPath = /^\/[\x21-\x7e]*$/.test(path) && URL.canParse(path, "http://any");
      if (known === undefined || !isPath) return "no request";
      const { headers, body } = requestOf(input.subarray(line.length + 1));
      if (ENDLESS.test(decoded(path)) || headers["prefer"] !== undefined) return "endless";
      const before = failures().length;
      const asked = http.inject({ method: known, url: path, headers, payload: body });
      const answer = await Promise.race([asked, silence()]);
      must(answer !== "silence", "no answer", line);
      const logged = failures().slice(before);
      must(answer.statusCode < 500, "the server's own failure", answer.statusCode, ...logged);
      must(logged.length === 0, "a failure was logged", line, ...logged);
      const type = String(answer.headers["content-type"] ?? "");
      if (answer.statusCode < 400) {
        const cursor = nextCursor(answer.headers["link"] as string | undefined);
        return `${answer.statusCode} ${type} ${cursor !== undefined}`;
      }
      must(
        type.startsWith("application/problem+json"),
        "an error is no problem",
        type,
        answer.body,
      );
      const problem = answer.json() as { code: string; detail?: string };
      must(typeof problem.code === "string", "a problem has no code", problem);
      return `${answer.statusCode} ${problem.code} ${wordFor(problem.detail ?? "")}`;
    },
  };
}

async function readFeed(feed: HttpTargetDeps["feed"], cursor: string): Promise<string> {
  try {
    await feed.read(cursor, 1);
    return "read";
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code;
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function silence(): Promise<"silence"> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, "silence").unref());
}
