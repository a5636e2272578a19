import type { TrackerKind } from "@yardmaster/protocol";
import type { Dialect } from "./dialect.ts";

/** What servers of this family give at most; more is cut without a word (`MAX_RESPONSE_ITEMS`). */
const GITEA_PAGE = "50";
const GITHUB_PAGE = "100";

const since = (ms: number | undefined) =>
  ms === undefined ? {} : { since: new Date(ms).toISOString().replace(/\.\d+Z$/, "Z") };

function giteaDialect(kind: "gitea" | "forgejo"): Dialect {
  return {
    kind,
    dependencies: "dependencies",
    isById: true,
    listQuery: ({ sinceMs, state }) => ({
      ...{ type: "issues", state, limit: GITEA_PAGE, page: "1" },
      ...since(sinceMs),
    }),
    // It never gives back the secret, nor whether there is one.
    hasSecret: () => undefined,
  };
}

const github: Dialect = {
  kind: "github",
  dependencies: "dependencies/blocked_by",
  isById: false,
  listQuery: ({ sinceMs, state }) => ({
    ...{ state, sort: "updated", direction: "asc", per_page: GITHUB_PAGE },
    ...since(sinceMs),
  }),
  // Stars stand for one.
  hasSecret: ({ secret }) => typeof secret === "string" && secret !== "",
};

export const DIALECTS: Readonly<Record<TrackerKind, Dialect>> = {
  gitea: giteaDialect("gitea"),
  forgejo: giteaDialect("forgejo"),
  github,
};
