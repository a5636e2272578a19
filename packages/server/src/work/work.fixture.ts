import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isJsonObject,
  type JsonObject,
  type PutWorkOrder,
  putWorkOrderSchema,
  uuidV7,
  type WorkItem,
} from "@yardmaster/protocol";
import { expect, vi } from "vitest";
import { type FakeForge, startFakeForge } from "../../test/fake-forge.ts";
import { serveRoutes } from "../../test/http.ts";
import {
  type IntakeOptions,
  issueBody,
  MASTER_KEY,
  SECRET,
  sign,
  startIntake,
  type TestIntake,
} from "../../test/intake.ts";
import { type Audit, createAudit } from "../audit/index.ts";
import { silentLog } from "../db/index.ts";
import { webhookRoute } from "../inbox/index.ts";
import { createRequester } from "../runners/index.ts";
import { createSealer } from "../sealing/index.ts";
import { createTrackerDoor, createTrackers } from "../trackers/index.ts";
import { createWork, followWork, type Work, type WorkFollower, workRoutes } from "./index.ts";
import type { WorkOrders } from "./orders/orders.ts";
import type { FollowDeps } from "./work.types.ts";

/** Works on an item until somebody answers: its question is the number of the issue. */
export const ASKING = `workflow: t.work
input: { item: object! }
steps:
  - id: go
    uses: core.ask
    with: { prompt: "\${{ string(input.item.number) }}", schema: { ok: boolean! } }
  - id: end
    if: "!steps.go.output.ok"
    uses: core.fail
    with: { message: "it does not work" }
`;

export interface TestWork extends TestIntake {
  readonly forge: FakeForge;
  readonly audit: Audit;
  readonly work: Work;
  readonly url: string;
  /** One more process that follows beside the first. */
  another(over?: Partial<FollowDeps>): WorkFollower;
  /** Says what is done with the issues of the tracker `main`. */
  order(said?: Partial<PutWorkOrder>): ReturnType<WorkOrders["put"]>;
  /** Posts as a forge does, signed with the secret of its source. */
  post(
    body: JsonObject | string,
    signature?: string,
  ): Promise<{ status: number; body: JsonObject }>;
  /** Posts that an issue was assigned to the bot, with what its body says. */
  assign(number: number, body?: string, more?: JsonObject): Promise<JsonObject>;
  items(): Promise<readonly WorkItem[]>;
  item(number: number): Promise<WorkItem>;
  /** The item of the issue once it is so. */
  until(number: number, so: Partial<WorkItem> & { readonly status: string }): Promise<WorkItem>;
  /** Answers the question of the issue's run. */
  answer(number: number, ok?: boolean): Promise<void>;
  /** As if all tries that are to come had their time. */
  letPass(ms: number): Promise<void>;
}

export interface TestWorkOptions extends IntakeOptions {
  /** False: nobody follows until `another` does. */
  readonly isFollowed?: boolean;
  readonly over?: Partial<FollowDeps>;
}

/** Work over trackers, a real engine, a real database, and webhooks over a real socket. */
export async function startTestWork(url: string, options: TestWorkOptions = {}): Promise<TestWork> {
  const forge = await startFakeForge();
  const t = await startIntake(url, {
    ...options,
    files: { "workflows/work.yaml": ASKING, ...options.files },
  });
  const { database, inbox } = t;
  const { sources, lastDelivery } = inbox;
  const { engine } = t.test;
  const newId = (): string => uuidV7(Date.now(), randomBytes(10));
  const dataFolder = mkdtempSync(join(tmpdir(), "yard-work-"));
  const audit = createAudit({
    ...{ database, dataFolder, newId, now: Date.now, log: silentLog },
    ...{ processId: newId, monotonicMs: () => performance.now() },
  });
  const sealer = createSealer(MASTER_KEY);
  const request = createRequester({ allow: ["127.0.0.1"], timeoutMs: 30_000 });
  const own = { request, readSecret: async () => undefined, now: Date.now };
  const door = createTrackerDoor({ ...own, pool: database.pool, sealer: () => sealer });
  await sources.create({ name: "gitea", kind: "gitea", secret: SECRET }, "token:ada");
  await createTrackers({ ...own, database, audit, sources, lastDelivery, sealer, newId }).create(
    {
      ...{ name: "main", kind: "gitea", url: forge.url, token: { value: forge.token } },
      ...{ source: "gitea", projects: [forge.project], bot: "mosaic" },
      ...{ poll_interval: "5m", enabled: true },
    },
    { by: "token:ada", isAdmin: true },
  );
  const deps = { database, engine, trackers: door, audit, newId, now: Date.now };
  const work = createWork(deps);
  const open: WorkFollower[] = [];
  function another(over: Partial<FollowDeps> = {}): WorkFollower {
    const follower = followWork({ ...deps, log: silentLog, ...over }, { standbyMs: 50 });
    open.push(follower);
    return follower;
  }
  if (options.isFollowed !== false) await another(options.over).begin();
  const { http } = serveRoutes([webhookRoute(t.inbox), ...workRoutes(work)]);
  const { url: base } = await http.listen("127.0.0.1", 0);

  const items = async () => (await work.list({ limit: 200 })).rows;
  async function post(body: JsonObject | string, signature?: string) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${base}/webhook/gitea`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-gitea-signature": signature ?? sign(text),
      },
      body: text,
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  }

  return {
    ...t,
    ...{ forge, audit, work, another, items, post, url: base },
    order: (said = {}) =>
      work.orders.put("main", putWorkOrderSchema.parse({ run: "t.work", ...said }), "token:ada"),
    async assign(number, body = "", more = {}) {
      const said = issueBody(number);
      const issue = { ...(said["issue"] as JsonObject), body, ...more };
      const reply = await post({ ...said, issue });
      expect(reply.status).toBe(200);
      return reply.body;
    },
    async item(number) {
      const found = (await items()).find((one) => one.number === number);
      expect(found, `item of #${number}`).toBeDefined();
      return found as WorkItem;
    },
    until: (number, so) =>
      vi.waitFor(
        async () => {
          const found = (await items()).find((one) => one.number === number);
          expect(found).toMatchObject(so);
          return found as WorkItem;
        },
        { timeout: 10_000, interval: 10 },
      ),
    async answer(number, ok = true) {
      const inquiry = await vi.waitFor(
        async () => {
          const { rows } = await engine.inquiries({ status: "open", limit: 200 });
          const found = rows.find(({ prompt }) => prompt === String(number));
          expect(found, `question of #${number}`).toBeDefined();
          return found as (typeof rows)[number];
        },
        { timeout: 10_000, interval: 10 },
      );
      await engine.answer(inquiry.id, { ok }, { by: "token:ada" });
    },
    async letPass(ms) {
      await database.pool.query(
        "UPDATE work_items SET next_try_at = next_try_at - $1 * interval '1 millisecond'",
        [ms],
      );
      await database.pool.query("UPDATE work_place SET version = version + 1");
      await database.pool.query("NOTIFY yard_work");
    },
    async close() {
      await http.close();
      for (const one of open) await one.close();
      await audit.close();
      rmSync(dataFolder, { recursive: true, force: true });
      await t.close();
      await forge.close();
    },
  };
}

/** A field of an answer. */
export function field(value: unknown, name: string): unknown {
  return isJsonObject(value) ? value[name] : undefined;
}
