import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAppError } from "@yardmaster/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabaseDoor } from "../../test/database-door.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { isRunning } from "../runners/attempt.fixture.ts";
import { deleteOldSensorLogs } from "./index.ts";
import {
  handTimers,
  PATIENCE,
  printing,
  rule,
  sensor,
  startTestSensors,
  type TestSensors,
  type TestSensorsOptions,
} from "./sensors.fixture.ts";

let db: TestDatabase;
let folder: string;
const open: TestSensors[] = [];
beforeEach(async () => {
  db = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "yard-sensors-test-"));
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await db.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  files: Readonly<Record<string, string>>,
  options?: TestSensorsOptions,
): Promise<TestSensors> {
  const t = await startTestSensors(db.url, files, options);
  open.push(t);
  return t;
}

const HOT = rule("cool", "t.hot");
const hot = (celsius: number, more = ""): string =>
  `{"type":"hot","data":{"celsius":${celsius}}${more}}`;

/** Told to stop it waits until the test puts a file, and says a line then. */
const STUBBORN = (folder: string, line = ""): string =>
  `trap "" TERM\necho up >&2\ncat > /dev/null\nuntil [ -e ${folder}/go ]; do sleep 0.05; done\n${line === "" ? "" : `echo '${line}'`}`;

describe("a line of a sensor", () => {
  it("becomes an event that a rule judges and that starts a run, like one that is posted", async () => {
    const line = hot(41, ',"id":"a","subject":"room","time":"2026-01-02T03:04:05Z"');
    const t = await start({ ...sensor(printing(line)), ...HOT });
    const event = await vi.waitFor(async () => {
      const [one] = (await t.events.list({ type: "t.hot", limit: 1 })).rows;
      expect(one).toBeDefined();
      return one;
    }, PATIENCE);
    expect(event).toMatchObject({
      source: "/sensors/t.s",
      subject: "room",
      time: "2026-01-02T03:04:05.000Z",
      data: { celsius: 41 },
    });
    const { runs, decisions, delivery } = await t.events.detail(event?.id ?? "");
    expect(delivery).toMatchObject({
      channel: "sensor",
      verified_by: "sensor:t.s",
      sender_id: "a",
    });
    expect(decisions).toMatchObject([{ rule: "t.cool", status: "matched" }]);
    expect(runs).toMatchObject([{ rule: "t.cool", input: { data: { celsius: 41 } } }]);
    await t.until({ status: "running", stored: 1, refused: 0, failures: 0 });
    expect(t.lines).toEqual({ stored: 1, refused: 0 });
  });

  it("that is no event is told in the log with its number, counted, and the others are stored", async () => {
    const lines = [
      "hello",
      hot(1),
      "",
      '{"type":"hott","data":{}}',
      '{"type":"hot","data":{"celsius":"x"}}',
      '{"type":"t.beat","data":{"any":1}}',
    ];
    const t = await start({ ...sensor(printing(...lines)), ...HOT });
    await t.until({ stored: 2, refused: 3 });
    const log = await t.log();
    expect(log.filter((line) => line.includes("is no event"))).toEqual([
      expect.stringMatching(/^yard: line 1 is no event: no JSON from column 1/),
      expect.stringMatching(/^yard: line 4 is no event: .*did you mean t\.hot\?/),
      expect.stringMatching(/^yard: line 5 is no event: \/data\/celsius expected a number/),
    ]);
    expect(t.lines).toEqual({ stored: 2, refused: 3 });
  });

  it("whose id came before is a duplicate: stored once, judged once, and its cursor counts all the same", async () => {
    const lines = [
      hot(1, ',"id":"a","cursor":1'),
      hot(1, ',"id":"a","cursor":2'),
      hot(2, ',"id":"b"'),
    ];
    const t = await start({ ...sensor(printing(...lines)), ...HOT });
    await t.until({ stored: 2, cursor: 2 });
    expect(await t.data()).toEqual([{ celsius: 1 }, { celsius: 2 }]);
    expect((await t.test.engine.runs({ limit: 10 })).rows).toHaveLength(2);
  });

  it("may be a cursor alone, and is stored behind what came before it", async () => {
    const t = await start({
      ...sensor(printing('{"cursor":"first"}', hot(1), '{"cursor":{"at":7}}')),
      ...HOT,
    });
    await t.until({ stored: 1, cursor: { at: 7 } });
  });

  it("is of 1 MiB at most: a longer one is refused, and the next is read", async () => {
    const t = await start({
      ...sensor(
        `read -r hello\nhead -c 1100000 /dev/zero | tr '\\0' x\nprintf '\\n%s\\n' '${hot(1)}'\ncat > /dev/null`,
      ),
      ...HOT,
    });
    await t.until({ stored: 1, refused: 1 });
    expect((await t.log()).join()).toContain("line 1 is no event: it is longer than 1 MiB");
  });

  it("is not lost where the process ends behind it, without a line end", async () => {
    const t = await start({ ...sensor(`printf '%s' '${hot(5)}'`), ...HOT });
    await t.until({ status: "backoff", stored: 1 });
    expect(await t.data()).toEqual([{ celsius: 5 }]);
  });
});

describe("the process of a sensor", () => {
  it("is told its config, its cursor and which events are wanted, and knows its marks", async () => {
    const t = await start({
      ...sensor(
        `read -r hello\nprintf '%s\\n' "$hello" "$YARD_SENSOR $PWD $YARD_WORK" >&2\nprintf '%s\\n' '{"cursor":{"n":1}}'\ncat > /dev/null`,
        "config: { every: 10s, rooms: [a] }\ncwd: work\n",
      ),
      ...HOT,
    });
    await t.until({ cursor: { n: 1 } });
    const said = async () => (await t.log()).filter((line) => line.startsWith("stderr: {"));
    await vi.waitFor(async () => expect(await said()).toHaveLength(1), PATIENCE);
    const greeting = { sensor: "t.s", config: { every: "10s", rooms: ["a"] }, events: ["t.hot"] };
    expect(JSON.parse((await said())[0]?.slice(8) ?? "")).toEqual({ ...greeting, cursor: null });
    const [place] = (await t.log()).filter((line) => line.startsWith("stderr: t.s "));
    const [, cwd, work] = /^stderr: t\.s (\S+) (\S+)$/.exec(place ?? "") ?? [];
    expect(cwd).toBe(work);
    await t.sensors.restart("t.s");
    await vi.waitFor(async () => expect(await said()).toHaveLength(2), PATIENCE);
    expect(JSON.parse((await said())[1]?.slice(8) ?? "")).toEqual({
      ...greeting,
      cursor: { n: 1 },
    });
  });

  it("is stopped by the end of its stdin and TERM, then KILL, and that is no failure", async () => {
    const t = await start(
      { ...sensor('trap "" TERM\necho up >&2\nwhile true; do sleep 0.05; done'), ...HOT },
      { graceMs: 100 },
    );
    const { pid } = await t.until({ status: "running" });
    await vi.waitFor(async () => expect(await t.log()).toContain("stderr: up"), PATIENCE);
    expect(await t.sensors.pause("t.s", "token:me")).toMatchObject({ paused_by: "token:me" });
    await t.until({
      status: "stopped",
      reason: "it is paused by token:me",
      failures: 0,
      pid: null,
    });
    expect(isRunning(pid ?? 0)).toBe(false);
    expect((await t.log()).slice(-2)).toEqual([
      "yard: stopping: it is paused by token:me",
      "yard: stopped",
    ]);
  });

  it("may say its last lines while it stops, and they are stored before it counts as stopped", async () => {
    const t = await start({
      ...sensor(
        `trap 'echo "${hot(9).replaceAll('"', '\\"')}"; exit 0' TERM\necho up >&2\nwhile true; do sleep 0.05; done`,
      ),
      ...HOT,
    });
    await vi.waitFor(async () => expect(await t.log()).toContain("stderr: up"), PATIENCE);
    await t.sensors.pause("t.s", "me");
    expect(await t.until({ status: "stopped" })).toMatchObject({ stored: 1 });
    expect(await t.data()).toEqual([{ celsius: 9 }]);
  });

  it("that floods is slowed, and every line of it is stored in its order", async () => {
    const most = 6_000;
    const t = await start({
      ...sensor(
        `read -r hello\ni=0\nwhile [ $i -lt ${most} ]; do echo "{\\"type\\":\\"hot\\",\\"data\\":{\\"celsius\\":$i},\\"cursor\\":$i}"; i=$((i+1)); done\ncat > /dev/null`,
      ),
      ...rule("never", "t.hot", "if: event.data.celsius < 0\n"),
    });
    await vi.waitFor(
      async () =>
        expect(await t.sensors.get("t.s")).toMatchObject({ stored: most, cursor: most - 1 }),
      {
        timeout: 25_000,
        interval: 100,
      },
    );
    const { rows } = await t.database.pool.query(
      "SELECT bool_and((data->>'celsius')::int = n - 1) AS in_order FROM (SELECT data, row_number() OVER (ORDER BY ctid) AS n FROM events) e",
    );
    expect(rows).toEqual([{ in_order: true }]);
  }, 30_000);
});

it("rules that change while its lines come make each judged once by those of its moment, in its order", async () => {
  const most = 1_500;
  const t = await start({
    ...sensor(
      `read -r hello\ni=0\nwhile [ $i -lt ${most} ]; do i=$((i+1)); echo "{\\"type\\":\\"hot\\",\\"data\\":{\\"celsius\\":$i},\\"cursor\\":$i}"; done\ncat > /dev/null`,
    ),
    ...rule("never", "t.hot", "if: event.data.celsius < 0\n"),
    ...rule("beats", "t.beat"),
  });
  // With both: one that began while a rule was off would be started anew for it, and say all again.
  await t.until({ status: "running" });
  let isOn = true;
  await vi.waitFor(
    async () => {
      isOn = !isOn;
      await t.rules.switchRule("t.never", isOn, "me");
      expect(await t.sensors.get("t.s")).toMatchObject({ stored: most, cursor: most });
    },
    { timeout: 25_000, interval: 250 },
  );
  const { rows } = await t.database.pool.query(
    `SELECT count(*)::int AS events, count(DISTINCT data->>'celsius')::int AS numbers,
       (SELECT count(*)::int FROM decisions) AS decisions FROM events`,
  );
  expect(rows).toEqual([{ events: most, numbers: most, decisions: most }]);
}, 30_000);

describe("whether a sensor runs", () => {
  it("is up to the rules: none, one that is paused, one that is on again", async () => {
    const t = await start({ ...sensor(printing()) });
    await t.until({ status: "stopped", reason: "no rule listens to t.hot or t.beat" });
    await t.edit(HOT);
    const first = await t.until({ status: "running", reason: "rule t.cool listens to it" });
    await t.rules.switchRule("t.cool", false, "me");
    await t.until({
      status: "stopped",
      reason: expect.stringContaining("t.cool is paused or off"),
    });
    expect(isRunning(first.pid ?? 0)).toBe(false);
    await t.rules.switchRule("t.cool", true, "me");
    await t.until({ status: "running" });
    await t.edit({ "rules/cool.yaml": null });
    await t.until({ status: "stopped" });
  });

  it("is up to people: a pause outlives changes of the pack, and its removal", async () => {
    const t = await start({ ...sensor(printing()), ...HOT });
    await t.until({ status: "running" });
    await t.sensors.pause("t.s", "token:me");
    await t.until({ status: "stopped", paused_by: "token:me" });
    await t.edit({ "s.sh": "cat > /dev/null\n" });
    await t.edit({ "sensors/s.yaml": null });
    await t.until({ status: "stopped", paused_by: "token:me", events: [] });
    await t.edit(sensor(printing(hot(1))));
    await t.supervisor.look();
    expect(await t.sensors.get("t.s")).toMatchObject({ status: "stopped", paused_by: "token:me" });
    await expect(t.sensors.restart("t.s")).rejects.toSatisfy(
      (error) =>
        isAppError(error) && error.code === "conflict" && error.message.includes("Resume it first"),
    );
    await t.sensors.pause("t.s", null);
    await t.until({ status: "running", paused_by: null, stored: 1 });
  });

  it("is up to its pack: new code is started in order behind the old, and what is removed stops", async () => {
    const t = await start({ ...sensor(printing(hot(1, ',"cursor":1'))), ...HOT });
    const { pid } = await t.until({ status: "running", stored: 1 });
    await t.edit({ "s.sh": printing(hot(2)) });
    const next = await t.until({ status: "running", stored: 2, cursor: 1 });
    expect(next.pid).not.toBe(pid);
    await vi.waitFor(
      async () =>
        expect((await t.log()).join("\n")).toMatch(
          /its pack has changed.*\nyard: stopped\nyard: started/,
        ),
      PATIENCE,
    );
    await t.edit({ "sensors/s.yaml": null, "s.sh": null });
    await t.until({
      ...{ status: "stopped", declared: false },
      reason:
        "no active pack declares it any more; yard sensors forget t.s removes what is kept of it",
    });
    expect(isRunning(next.pid ?? 0)).toBe(false);
  });

  it("changes with what is listened to: it is started anew for a type that it was not told of", async () => {
    const t = await start({
      ...sensor('read -r hello\necho "$hello" >&2\ncat > /dev/null'),
      ...HOT,
    });
    await vi.waitFor(
      async () => expect((await t.log()).join()).toContain('"events":["t.hot"]'),
      PATIENCE,
    );
    await t.edit(rule("beats", "t.beat"));
    await vi.waitFor(
      async () => expect((await t.log()).join()).toContain('"events":["t.hot","t.beat"]'),
      PATIENCE,
    );
    const { pid } = await t.until({ status: "running" });
    await t.rules.switchRule("t.beats", false, "me");
    await t.supervisor.look();
    expect(await t.sensors.get("t.s")).toMatchObject({ status: "running", pid });
  });

  it("costs no statement where no active pack has one", async () => {
    const t = await start(HOT);
    const asked = vi.spyOn(t.database.pool, "query");
    const current = vi.spyOn(t.rules, "current");
    await t.supervisor.look();
    expect(asked).not.toHaveBeenCalled();
    expect(current).not.toHaveBeenCalled();
  });
});

describe("what is kept of a sensor", () => {
  it("goes where it is forgotten, and a process of its life before adds nothing to a new one", async () => {
    const t = await start({ ...sensor(printing(hot(1, ',"cursor":1'))), ...HOT });
    await t.until({ status: "running", stored: 1, cursor: 1 });
    const fenceOf = async (): Promise<number> =>
      (await t.database.pool.query("SELECT fence FROM sensors")).rows[0]?.fence;
    const before = await fenceOf();
    await t.edit({ "sensors/s.yaml": null, "rules/cool.yaml": null });
    await t.until({ status: "stopped", declared: false, cursor: 1 });
    await t.sensors.pause("t.s", "token:me");
    await t.sensors.forget("t.s");
    expect(await t.sensors.list()).toEqual([]);
    expect((await t.database.pool.query("SELECT FROM sensor_logs")).rowCount).toBe(0);
    await expect(t.sensors.forget("t.s")).rejects.toSatisfy(
      (error) => isAppError(error) && error.code === "not_found",
    );
    await t.edit({ ...sensor('read -r hello\necho "$hello" >&2\ncat > /dev/null'), ...HOT });
    await t.until({ status: "running", stored: 0, paused_by: null });
    await vi.waitFor(
      async () => expect((await t.log()).join()).toContain('"cursor":null'),
      PATIENCE,
    );
    expect(await fenceOf()).toBeGreaterThan(before);
  });

  it("stays while its process is still being stopped", async () => {
    const t = await start({ ...sensor(STUBBORN(folder)), ...HOT });
    await vi.waitFor(async () => expect(await t.log()).toContain("stderr: up"), PATIENCE);
    await t.edit({ "sensors/s.yaml": null, "rules/cool.yaml": null });
    await t.until({ status: "stopping", declared: false });
    await expect(t.sensors.forget("t.s")).rejects.toSatisfy(
      (error) =>
        isAppError(error) &&
        error.code === "conflict" &&
        error.message.includes("still being stopped"),
    );
    writeFileSync(join(folder, "go"), "");
    await t.until({ status: "stopped" });
    await t.sensors.forget("t.s");
    await t.supervisor.look();
    expect(await t.sensors.list()).toEqual([]);
  });

  it("is but its place where it is reset: what its process before says last is stored, and not where it was", async () => {
    const t = await start({
      ...sensor(
        `read -r hello\necho "$hello" >&2\ncase "$hello" in *'"cursor":7'*) ;; *) exec cat > /dev/null ;; esac\n${STUBBORN(folder, hot(9, ',"cursor":8'))}`,
      ),
      ...HOT,
    });
    // It is handed a cursor that it cannot do with, as somebody sees it who wants it gone.
    await t.until({ status: "running" });
    await t.database.pool.query("UPDATE sensors SET cursor = '7', failures = 2");
    await t.sensors.restart("t.s");
    await vi.waitFor(async () => expect(await t.log()).toContain("stderr: up"), PATIENCE);
    expect(await t.sensors.reset("t.s", "token:me")).toMatchObject({ cursor: null, failures: 0 });
    await t.until({ status: "stopping" });
    writeFileSync(join(folder, "go"), "");
    await t.until({ status: "running", stored: 1, cursor: null });
    const greetings = async () => (await t.log()).filter((line) => line.startsWith("stderr: {"));
    await vi.waitFor(async () => expect(await greetings()).toHaveLength(3), PATIENCE);
    expect((await greetings()).map((line) => JSON.parse(line.slice(8)).cursor)).toEqual([
      null,
      7,
      null,
    ]);
    expect(await t.data()).toEqual([{ celsius: 9 }]);
    expect(await t.log()).toContain("yard: its cursor was reset by token:me");
  });

  it("may be reset again and again, also while it does not run", async () => {
    const t = await start(sensor(printing()));
    await t.until({ status: "stopped" });
    await t.database.pool.query("UPDATE sensors SET cursor = '7'");
    for (const _ of [1, 2])
      expect(await t.sensors.reset("t.s", "me")).toMatchObject({ status: "stopped", cursor: null });
    await expect(t.sensors.reset("t.x", "me")).rejects.toThrow("Did you mean t.s?");
  });
});

it("one that is paused and goes on while its process still stops is told as stopping, until the new one runs", async () => {
  const t = await start({ ...sensor(STUBBORN(folder)), ...HOT });
  const { pid } = await t.until({ status: "running" });
  await vi.waitFor(async () => expect(await t.log()).toContain("stderr: up"), PATIENCE);
  await t.sensors.pause("t.s", "me");
  await t.until({
    ...{ status: "stopping", pid },
    reason: "its process is being stopped: it is paused by me",
  });
  await expect(t.sensors.restart("t.s")).rejects.toThrow("Resume it first");
  expect(await t.sensors.pause("t.s", null)).toMatchObject({
    ...{ status: "stopping", pid },
    reason: "its process is being stopped, and a new one is started then",
  });
  writeFileSync(join(folder, "go"), "");
  const again = await t.until({ status: "running" });
  expect(again.pid).not.toBe(pid);
});

describe("a sensor that ends by itself", () => {
  it("is started again after 5 s, 10, 20 …, and told once, at the third time", async () => {
    const hand = handTimers();
    const t = await start(
      {
        ...sensor("echo no luck >&2\nexit 3"),
        ...HOT,
        ...rule("tell", "yard.sensor.failing"),
      },
      { timers: hand.timers, ownEvents: true },
    );
    for (const [failures, rest] of [
      [1, 5],
      [2, 10],
      [3, 20],
      [4, 40],
    ] as const) {
      const found = await t.until({ status: "backoff", failures });
      expect(found).toMatchObject({
        reason: expect.stringMatching(`^it ended by itself with code 3.*${rest} s later$`),
        last_exit: { code: 3, signal: null, stderr: "no luck" },
        next_start_at: expect.any(String),
        pid: null,
      });
      await vi.waitFor(() => expect(hand.waits()).toContain(rest * 1_000), PATIENCE);
      hand.fire(rest * 1_000);
    }
    await t.until({ failures: 5 });
    const told = await vi.waitFor(async () => {
      const { rows } = await t.events.list({ type: "yard.sensor.failing", limit: 10 });
      expect(rows).toHaveLength(1);
      return rows[0];
    }, PATIENCE);
    expect(told).toMatchObject({
      subject: "t.s",
      data: { sensor: "t.s", failures: 3, code: 3, signal: null, stderr: "no luck" },
    });
    const { runs } = await t.events.detail(told?.id ?? "");
    expect(runs).toMatchObject([{ rule: "t.tell" }]);
    expect(t.warned.filter((text) => text.includes("3 times in a row"))).toHaveLength(1);
  });

  it("is well after a minute: then it is told anew when it fails again", async () => {
    const hand = handTimers();
    const [flag, pid] = [join(folder, "well"), join(folder, "pid")];
    const t = await start(
      { ...sensor(`[ -e ${flag} ] || exit 1\necho $$ > ${pid}\ncat > /dev/null`), ...HOT },
      { timers: hand.timers },
    );
    const alerts = () => t.warned.filter((text) => text.includes("3 times in a row")).length;
    const failTo = async (failures: number) => {
      await t.until({ status: "backoff", failures });
      await vi.waitFor(() => expect(hand.waits()).toContain(5_000 * 2 ** (failures - 1)), PATIENCE);
    };
    for (const failures of [1, 2, 3]) {
      await failTo(failures);
      if (failures === 3) writeFileSync(flag, "");
      hand.fire(5_000 * 2 ** (failures - 1));
    }
    await t.until({ status: "running", failures: 3 });
    expect(alerts()).toBe(1);
    hand.fire(60_000);
    await t.until({ status: "running", failures: 0 });
    rmSync(flag);
    await vi.waitFor(() => expect(existsSync(pid)).toBe(true), PATIENCE);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
    for (const failures of [1, 2, 3]) {
      await failTo(failures);
      hand.fire(5_000 * 2 ** (failures - 1));
    }
    await t.until({ failures: 4 });
    expect(alerts()).toBe(2);
  });

  it("begins anew with new code, and where somebody asks for it", async () => {
    const hand = handTimers();
    const t = await start({ ...sensor("exit 0"), ...HOT }, { timers: hand.timers });
    await t.until({
      status: "backoff",
      failures: 1,
      reason: expect.stringContaining("with code 0"),
    });
    await t.sensors.restart("t.s");
    await vi.waitFor(
      async () => expect((await t.log()).filter((line) => line.includes("code 0"))).toHaveLength(2),
      PATIENCE,
    );
    await t.until({ status: "backoff", failures: 1 });
    await t.edit({ "s.sh": printing() });
    await t.until({ status: "running", failures: 0 });
  });

  it("that cannot be started at all says why", async () => {
    const hand = handTimers();
    const t = await start(
      {
        "sensors/s.yaml":
          "sensor: t.s\ncommand: [no-such-program-here]\nevents: { hot: { celsius: number! } }\n",
        ...HOT,
      },
      { timers: hand.timers },
    );
    await t.until({
      status: "backoff",
      failures: 1,
      last_exit: expect.objectContaining({
        code: null,
        stderr: expect.stringContaining("is not on the PATH"),
      }),
    });
    const explained = await t.sensors.explain("t.s");
    expect(explained).toMatchObject({
      status: "backoff",
      unblock: ["yard sensors restart t.s starts it at once."],
    });
    await t.sensors.restart("t.s");
    await vi.waitFor(
      async () =>
        expect((await t.log()).filter((line) => line.includes("is not on the PATH"))).toHaveLength(
          2,
        ),
      PATIENCE,
    );
  });

  it("has ended too where it closes its stdout and stays: it can tell nothing any more", async () => {
    const hand = handTimers();
    const t = await start(
      { ...sensor(`read -r hello\necho '${hot(1)}'\nexec >&-\nexec sleep 1000`), ...HOT },
      { timers: hand.timers },
    );
    const { pid } = await t.until({ status: "running", stored: 1 });
    await vi.waitFor(() => expect(hand.waits()).toContain(3_000), PATIENCE);
    hand.fire(3_000);
    await t.until({
      ...{ status: "backoff", failures: 1 },
      reason:
        "it had closed its stdout and could tell nothing any more, so it was ended; it is started again 5 s later",
      last_exit: expect.objectContaining({ signal: "SIGTERM" }),
    });
    expect(isRunning(pid ?? 0)).toBe(false);
    expect(await t.log()).toContain(
      "yard: it has closed its stdout, and can tell nothing any more: it is ended",
    );
    await t.sensors.pause("t.s", "me");
    await t.until({ status: "stopped" });
  });

  it("rests without a process, and a pause, or a rule that is gone, ends the rest", async () => {
    const hand = handTimers();
    const t = await start({ ...sensor("exit 1"), ...HOT }, { timers: hand.timers });
    await t.until({ status: "backoff" });
    await t.sensors.pause("t.s", "me");
    await t.until({ status: "stopped", next_start_at: null });
    expect(hand.waits()).not.toContain(5_000);
  });
});

describe("the log of a sensor", () => {
  it("is read from its end, and on behind a line", async () => {
    const t = await start({
      ...sensor("i=0; while [ $i -lt 300 ]; do echo n$i >&2; i=$((i+1)); done; cat > /dev/null"),
      ...HOT,
    });
    await vi.waitFor(async () => expect(await t.log()).toContain("stderr: n299"), PATIENCE);
    const tail = await t.sensors.logs("t.s", { tail: 3, limit: 2 });
    expect(tail.rows.map(({ text }) => text)).toEqual(["n297", "n298"]);
    const rest = await t.sensors.logs("t.s", { cursor: tail.next, limit: 2 });
    expect(rest).toMatchObject({ rows: [{ text: "n299", stream: "stderr" }], next: undefined });
    const behind = await t.sensors.logs("t.s", { after: rest.rows[0]?.seq, limit: 2 });
    expect(behind.rows).toEqual([]);
    await expect(t.sensors.logs("t.s", { cursor: "x", limit: 2 })).rejects.toThrow("cursor");
    await expect(t.sensors.logs("t.x", { limit: 2 })).rejects.toThrow("Did you mean t.s?");
  });

  it("loses what is kept no longer, the oldest first", async () => {
    const t = await start({
      ...sensor("echo a >&2; echo b >&2; echo c >&2; cat > /dev/null"),
      ...HOT,
    });
    await vi.waitFor(async () => expect(await t.log()).toContain("stderr: c"), PATIENCE);
    const { pool } = t.database;
    await pool.query(
      "UPDATE sensor_logs SET at = at - interval '8 days' WHERE stream = 'stderr' AND text <> 'c'",
    );
    const weekAgo = new Date(Date.now() - 7 * 86_400_000);
    expect(await deleteOldSensorLogs(pool, weekAgo, 1)).toBe(1);
    expect(await deleteOldSensorLogs(pool, weekAgo, 100)).toBe(1);
    expect(await deleteOldSensorLogs(pool, weekAgo, 100)).toBe(0);
    expect((await t.log()).filter((line) => line.startsWith("stderr"))).toEqual(["stderr: c"]);
    const { rows } = await pool.query(
      "SELECT log_bytes = (SELECT sum(octet_length(text) + 48) FROM sensor_logs) AS is_right FROM sensors",
    );
    expect(rows).toEqual([{ is_right: true }]);
  });

  it("holds 4 MiB at most, the newest, and long lines in pieces", async () => {
    const t = await start({
      ...sensor(
        `line=$(head -c 10000 /dev/zero | tr '\\0' y)\ni=0; while [ $i -lt 700 ]; do echo "$i $line" >&2; i=$((i+1)); done; echo last >&2; cat > /dev/null`,
      ),
      ...HOT,
    });
    await vi.waitFor(async () => expect((await t.log()).at(-1)).toBe("stderr: last"), PATIENCE);
    const { rows } = await t.database.pool.query(
      "SELECT sum(octet_length(text) + 48)::int AS bytes, max(octet_length(text)) AS longest, (SELECT log_bytes FROM sensors) AS counted FROM sensor_logs",
    );
    expect(rows[0].bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(rows[0].bytes).toBeGreaterThan(2 * 1024 * 1024);
    expect(rows[0].counted).toBe(rows[0].bytes);
    expect(rows[0].longest).toBe(8 * 1024);
  });
});

it("what a dead worker of this machine has left running of it ends before it is started anew", async () => {
  const dead = randomUUID();
  const left = spawn("sleep", ["60"], { env: { ...process.env, YARD_SESSION: dead } });
  const gone = once(left, "exit");
  await db.database.pool.query(
    "INSERT INTO sensors (ref, fence, session_id, status, cursor) VALUES ('t.s', 7, $1, 'running', '5')",
    [dead],
  );
  const t = await start({ ...sensor(printing(hot(1))), ...HOT });
  await t.until({ status: "running", stored: 1, cursor: 5 });
  expect(await gone).toEqual([null, "SIGKILL"]);
});

it("its process ends when its worker cannot be sure any more that nobody else has it, and is started anew when it can", async () => {
  const door = await openDatabaseDoor(db.url);
  const t = await startTestSensors(door.url, { ...sensor(printing(hot(1))), ...HOT });
  try {
    const { pid } = await t.until({ status: "running", stored: 1 });
    door.shut();
    await vi.waitFor(() => expect(isRunning(pid ?? 0)).toBe(false), PATIENCE);
    door.open();
    await vi.waitFor(async () => {
      const found = await t.sensors.get("t.s");
      expect(found).toMatchObject({ status: "running", stored: 2, failures: 0 });
      expect(found.pid).not.toBe(pid);
    }, PATIENCE);
  } finally {
    await t.close();
    await door.close();
  }
}, 40_000);

it("one whose worker died, and that is not wanted any more, comes to rest", async () => {
  await db.database.pool.query(
    "INSERT INTO sensors (ref, fence, session_id, status) VALUES ('t.s', 7, $1, 'running')",
    [randomUUID()],
  );
  const t = await start(sensor(printing()));
  await vi.waitFor(async () => {
    const { rows } = await t.database.pool.query("SELECT status, session_id, reason FROM sensors");
    expect(rows).toEqual([
      { status: "stopped", session_id: null, reason: "no rule listens to t.hot or t.beat" },
    ]);
  }, PATIENCE);
});

it("a stop of the worker stops its sensors in order, and says so", async () => {
  const t = await start({ ...sensor(printing(hot(1))), ...HOT });
  const { pid } = await t.until({ status: "running", stored: 1 });
  await t.supervisor.close(20_000);
  expect(isRunning(pid ?? 0)).toBe(false);
  expect(await t.sensors.get("t.s")).toMatchObject({
    status: "starting",
    worker: null,
    failures: 0,
  });
  expect((await t.log()).at(-1)).toBe("yard: stopped");
});
