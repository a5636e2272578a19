import { afterAll, beforeAll, expect, it } from "vitest";
import { keptInputs } from "../fuzz/corpus.ts";
import { explore } from "../fuzz/explore.ts";
import { createHttpTarget } from "../fuzz/http-target.ts";
import { eventRoutes } from "../src/events/index.ts";
import type { Http } from "../src/http/index.ts";
import { sourceRoutes, webhookRoute } from "../src/inbox/index.ts";
import { streamRoutes } from "../src/live/index.ts";
import { packRoutes } from "../src/packs/index.ts";
import { ruleRoutes } from "../src/rules/index.ts";
import { runRoutes } from "../src/runs/index.ts";
import { type Logged, serveRoutes } from "./http.ts";
import { SECRET, startIntake, type TestIntake } from "./intake.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

/** `FUZZ_REQUESTS=100000 npm test -- http-fuzz` goes on for longer. */
const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? 400);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);

const FILES = {
  "rules/a.yaml": "rule: t.a\non: a.*\nrun: core.noop\n",
  "sources/hub.yaml": "source: hub\nkind: github\nsecret: { env: HUB }\n",
};

let db: TestDatabase;
let t: TestIntake;
let http: Http;
let logged: Logged[];
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES, environment: { HUB: SECRET } });
  const { engine } = t.test;
  ({ http, logged } = serveRoutes([
    ...runRoutes(engine, t.packs),
    ...streamRoutes(engine.feed),
    ...packRoutes(t.packs),
    webhookRoute(t.inbox),
    ...sourceRoutes(t.inbox.sources),
    ...ruleRoutes({ rules: t.rules, events: t.events }),
    ...eventRoutes({ events: t.events, accept: t.inbox.acceptCloudEvent }),
  ]));
});
afterAll(async () => {
  await http?.close();
  await t?.close();
  await db?.drop();
});

it(
  "no request makes the server fail, whatever its path, headers and body",
  async () => {
    const failures = () =>
      logged
        .filter(({ level }) => level === "error")
        .map(({ details }) => ("err" in details ? String((details.err as Error)?.stack) : ""));
    const target = createHttpTarget({ http, feed: t.test.engine.feed, failures });
    const { findings } = await explore(target, {
      seed: SEED,
      corpus: keptInputs("http"),
      goOn: (runs) => runs < REQUESTS,
    });
    const told = findings.map(({ problem, input }) => `${problem}\n${input.toString("latin1")}`);
    expect(told).toEqual([]);
  },
  REQUESTS > 1_000 ? 3_600_000 : 30_000,
);
