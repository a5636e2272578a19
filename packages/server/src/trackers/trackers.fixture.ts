import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uuidV7 } from "@yardmaster/protocol";
import { type FakeForge, type FakeForgeOptions, startFakeForge } from "../../test/fake-forge.ts";
import {
  type IntakeOptions,
  MASTER_KEY,
  SECRET,
  startIntake,
  type TestIntake,
} from "../../test/intake.ts";
import { type Audit, createAudit } from "../audit/index.ts";
import { silentLog } from "../db/index.ts";
import { createRequester } from "../runners/index.ts";
import { createSealer } from "../sealing/index.ts";
import {
  createIssueWatch,
  createTrackerDoor,
  createTrackers,
  type PollingTrackers,
  pollTrackers,
  type TrackerDoor,
  type Trackers,
} from "./index.ts";
import type { TrackersDeps } from "./trackers.ts";

export interface TestTrackers extends TestIntake {
  readonly forge: FakeForge;
  readonly trackers: Trackers;
  readonly door: TrackerDoor;
  /** A scheduler of this process; it looks only when it is told to. */
  readonly polling: PollingTrackers;
  /** What it takes for now, added to the real clock. */
  readonly ahead: { ms: number };
  /** What was noted of its polls. */
  readonly noted: string[];
  /** Asks for a poll and does it. */
  poll(): Promise<void>;
  readonly audit: Audit;
  readonly who: { readonly by: string; readonly isAdmin: boolean };
  /** Places of tokens that are not sealed: `env:NAME` and so on, with what is there. */
  readonly places: Record<string, string>;
  /** Makes the tracker `main` of the source of the forge's kind. */
  add(more?: Partial<Parameters<Trackers["create"]>[0]>): ReturnType<Trackers["create"]>;
  /** Sends a webhook as the forge does, to the source. */
  hear(number: number, action: string, more?: Parameters<FakeForge["webhook"]>[2]): Promise<void>;
}

export interface TestTrackersOptions extends IntakeOptions {
  readonly forge?: FakeForgeOptions;
  /** Younger changes are left alone; 0. */
  readonly graceMs?: number;
  /** Of one request. */
  readonly timeoutMs?: number;
}

/** Trackers over a real database and a forge behind a real socket. */
export async function startTrackers(
  url: string,
  options: TestTrackersOptions = {},
): Promise<TestTrackers> {
  const forge = await startFakeForge(options.forge);
  const intake = await startIntake(url, {
    ...options,
    watch: ({ pool }) => createIssueWatch({ pool }),
  });
  const { database, inbox } = intake;
  const newId = (): string => uuidV7(Date.now(), randomBytes(10));
  const dataFolder = mkdtempSync(join(tmpdir(), "yard-trackers-"));
  const audit = createAudit({
    ...{ database, dataFolder, newId, now: Date.now, log: silentLog },
    ...{ processId: newId, monotonicMs: () => performance.now() },
  });
  const places: Record<string, string> = {};
  const request = createRequester({ allow: ["127.0.0.1"], timeoutMs: options.timeoutMs ?? 5_000 });
  const sealer = createSealer(MASTER_KEY);
  const readSecret: TrackersDeps["readSecret"] = async (place) =>
    places[Object.entries(place)[0]?.join(":") ?? ""];
  const { sources, lastDelivery } = inbox;
  const own = { sealer, readSecret, request, now: Date.now };
  const trackers = createTrackers({ ...own, database, audit, sources, lastDelivery, newId });
  const ahead = { ms: 0 };
  const noted: string[] = [];
  const polling = pollTrackers(
    {
      ...{ ...own, database, log: silentLog, sealer: () => sealer },
      now: () => Date.now() + ahead.ms,
      take: inbox.take,
      observer: {
        trackerPoll: (kind, outcome) => noted.push(`${kind} ${outcome}`),
        trackerChanges: (_, verdict, changes) => noted.push(`${verdict} ${changes}`),
      },
    },
    { graceMs: options.graceMs ?? 0 },
  );
  const who = { by: "token:ada", isAdmin: true };
  if (!(await sources.list()).some(({ name }) => name === forge.kind))
    await sources.create({ name: forge.kind, kind: forge.kind, secret: SECRET }, who.by);
  return {
    ...intake,
    ...{ forge, trackers, audit, who, places, polling, ahead, noted },
    door: createTrackerDoor({ ...own, pool: database.pool, sealer: () => sealer }),
    add: (more = {}) =>
      trackers.create(
        {
          ...{ name: "main", kind: forge.kind, url: forge.url, token: { value: forge.token } },
          ...{ source: forge.kind, projects: [forge.project], bot: "mosaic" },
          ...{ poll_interval: "5m", enabled: true, ...more },
        },
        who,
      ),
    async poll() {
      await trackers.poll("main");
      await polling.runOnce();
    },
    async hear(number, action, more) {
      await inbox.receive({ source: forge.kind, ...forge.webhook(number, action, more) });
    },
    async close() {
      await polling.close();
      await audit.close();
      rmSync(dataFolder, { recursive: true, force: true });
      await intake.close();
      await forge.close();
    },
  };
}
