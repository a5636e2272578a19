import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Sensor, uuidV7 } from "@yardmaster/protocol";
import { expect, vi } from "vitest";
import { startIntake, type TestIntake } from "../../test/intake.ts";
import { silentLog } from "../db/index.ts";
import { processTimers, type Timers } from "../engine/index.ts";
import { createTake } from "../inbox/index.ts";
import { createLastingStarter, createWorkFolders } from "../runners/index.ts";
import {
  createSensors,
  MAX_LINE_BYTES,
  type Sensors,
  type Supervisor,
  superviseSensors,
} from "./index.ts";

export const PATIENCE = { timeout: 15_000, interval: 20 };

/** A rule on an event of the pack `t` that starts a run with the data. */
export const rule = (name: string, on: string, more = ""): Record<string, string> => ({
  [`rules/${name}.yaml`]: `rule: t.${name}\non: ${on}\nrun: core.echo\nwith: { data: "\${{ event.data }}" }\n${more}`,
});

/** A sensor `t.s` that sends `hot` and `beat`, and whose program is a shell script. */
export const sensor = (script: string, more = ""): Record<string, string> => ({
  "sensors/s.yaml": `sensor: t.s\nentry: s.sh\nevents:\n  hot: { celsius: number! }\n  beat: {}\n${more}`,
  "s.sh": `set -eu\n${script}\n`,
});

/** Reads its first line, prints these lines, and stays until it is told to stop. */
export const printing = (...lines: string[]): string =>
  `read -r hello\n${lines.map((line) => `printf '%s\\n' '${line}'`).join("\n")}\ncat > /dev/null`;

/** Timers that the test lets go off. */
export function handTimers() {
  const waiting = new Set<{ readonly ms: number; readonly run: () => void }>();
  const timers: Timers = {
    after(ms, run) {
      const timer = { ms, run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
  };
  return {
    timers,
    waits: () => [...waiting].map(({ ms }) => ms),
    /** Lets those of so many milliseconds go off. */
    fire(ms: number): void {
      for (const timer of [...waiting].filter((one) => one.ms === ms)) {
        waiting.delete(timer);
        timer.run();
      }
    },
  };
}

export interface TestSensors extends TestIntake {
  readonly sensors: Sensors;
  readonly supervisor: Supervisor;
  /** What was logged at `warn`. */
  readonly warned: string[];
  readonly lines: { stored: number; refused: number };
  /** Writes files of the pack `t` and takes them up; null removes one. */
  edit(files: Readonly<Record<string, string | null>>): Promise<void>;
  /** Resolves with the sensor `t.s` once it is so. */
  until(expected: Partial<Sensor>, ref?: string): Promise<Sensor>;
  /** The text of its log. */
  log(ref?: string): Promise<string[]>;
  /** The data of its events, in the order in which they were written. */
  data(type?: string): Promise<unknown[]>;
}

export interface TestSensorsOptions {
  readonly timers?: Timers;
  readonly graceMs?: number;
  readonly ownEvents?: boolean;
}

/** Sensors of a pack in a whole engine of this process, over a real database. */
export async function startTestSensors(
  url: string,
  files: Readonly<Record<string, string>>,
  options: TestSensorsOptions = {},
): Promise<TestSensors> {
  const { timers = processTimers, graceMs = 20_000, ownEvents = false } = options;
  const intake = await startIntake(url, { files, ownEvents });
  const { database, packs, rules, test, packFolder } = intake;
  const { engine } = test;
  const folder = mkdtempSync(join(tmpdir(), "yard-sensors-"));
  const newId = (): string => uuidV7(Date.now(), randomBytes(10));
  const warned: string[] = [];
  const lines = { stored: 0, refused: 0 };
  const supervisor = superviseSensors({
    ...{ database, packs, rules, engine, timers, now: Date.now },
    take: createTake({ database, engine, rules, newId }),
    start: createLastingStarter({ graceMs, maxLineBytes: MAX_LINE_BYTES }),
    workFolders: createWorkFolders(folder, silentLog),
    onLines: (outcome, count) => {
      lines[outcome] += count;
    },
    log: { info: () => {}, warn: (_, message) => void warned.push(message) },
    onError: (error, what) => void warned.push(`${what}: ${String(error)}`),
    monotonicMs: () => performance.now(),
  });
  const sensors = createSensors({ database, packs, rules, engine, now: Date.now });
  return {
    ...intake,
    ...{ sensors, supervisor, warned, lines },
    async edit(changed) {
      for (const [path, text] of Object.entries(changed)) {
        const whole = join(packFolder, path);
        if (text === null) rmSync(whole, { force: true });
        else {
          mkdirSync(dirname(whole), { recursive: true });
          writeFileSync(whole, text);
        }
      }
      const { problems } = await packs.reload();
      expect(problems).toEqual([]);
    },
    until: (expected, ref = "t.s") =>
      vi.waitFor(async () => {
        const found = await sensors.get(ref);
        expect(found).toMatchObject(expected);
        return found;
      }, PATIENCE),
    log: async (ref = "t.s") =>
      (await sensors.logs(ref, { limit: 10_000 })).rows.map(
        ({ stream, text }) => `${stream}: ${text}`,
      ),
    async data(type = "t.hot") {
      const { rows } = await database.pool.query(
        "SELECT data FROM events WHERE type = $1 ORDER BY ctid",
        [type],
      );
      return rows.map((row) => row.data);
    },
    async close() {
      await supervisor.close(graceMs);
      await intake.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
