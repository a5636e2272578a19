import type { ServerStatus } from "@yardmaster/protocol";
import {
  type Authenticate,
  createHttp,
  type Http,
  type HttpDeps,
  type HttpOptions,
  type Principal,
  type Route,
} from "../src/http/index.ts";

const STATUS: ServerStatus = {
  version: "1.2.3",
  started_at: "2026-01-01T00:00:00.000Z",
  roles: ["api"],
  database: { mode: "embedded", version: "18.4", place: "here" },
  sessions: [],
  queues: [],
};

export const ADMIN: Principal = {
  tokenId: "01890a5d-ac96-774b-bcce-b302099a8057",
  name: "one",
  scopes: ["admin"],
};

export interface Logged {
  readonly level: string;
  readonly details: object;
  readonly message: string;
}

/** Serves routes as `main.ts` does, ready at once; keeps what is logged. By default everybody is `ADMIN`. */
export function serveRoutes(
  routes: readonly Route[],
  options: HttpOptions &
    Pick<HttpDeps, "onAnswered" | "keptAnswers"> & {
      readonly authenticate?: Authenticate;
      readonly isDebugging?: boolean;
    } = {},
): { readonly http: Http; readonly logged: Logged[] } {
  const logged: Logged[] = [];
  const note = (level: string) => (details: object, message: string) => {
    logged.push({ level, details, message });
  };
  const log: HttpDeps["log"] = {
    isLevelEnabled: () => options.isDebugging === true,
    debug: note("debug"),
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
  };
  const http = createHttp(
    {
      routes,
      authenticate: options.authenticate ?? (() => ADMIN),
      ready: () => Promise.resolve({ status: "ready", reason: null }),
      status: () => Promise.resolve(STATUS),
      log,
      version: "1.2.3",
      onAnswered: options.onAnswered,
      keptAnswers: options.keptAnswers,
    },
    // No close of a test may be the one that cuts connections.
    { closeMs: 120_000, ...options },
  );
  return { http, logged };
}
