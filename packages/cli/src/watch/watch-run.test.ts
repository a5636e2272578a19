import type { LogLine } from "@yardmaster/protocol";
import type { Client } from "@yardmaster/sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { aRun, RUN_ID } from "../testing/wire-records.ts";
import { watchRun } from "./watch-run.ts";

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Watches a run that has ended, and says what was told of its log, whose pieces come at these times. */
async function watchEnded(pieceAtMs: readonly number[], forMs: number): Promise<string[]> {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const told: string[] = [];
  async function* logs(_id: string, { signal }: { readonly signal: AbortSignal }) {
    let atMs = 0;
    for (const ms of pieceAtMs) {
      await sleep(ms - atMs);
      atMs = ms;
      if (signal.aborted) return;
      yield { text: `at ${ms}` } as LogLine;
    }
  }
  const runs = { get: async () => aRun({ status: "success" }), steps: async () => [], logs };
  const stream = async function* () {};
  const watching = watchRun(
    { runs, stream } as unknown as Client,
    RUN_ID,
    {
      onView: () => {},
      onLog: ({ text }) => told.push(text),
      onLogCut: () => told.push("cut"),
      onAway: () => {},
      onBack: () => {},
    },
    new AbortController().signal,
  );
  await vi.advanceTimersByTimeAsync(forMs);
  await watching;
  return told;
}

test("tells the whole log of an ended run as long as more of it comes, however slowly", async () => {
  const told = await watchEnded([0, 10_000, 20_000, 30_000], 40_000);
  expect(told).toEqual(["at 0", "at 10000", "at 20000", "at 30000"]);
});

test("says that the log is not whole where nothing more of it comes", async () => {
  expect(await watchEnded([0, 60_000], 60_000)).toEqual(["at 0", "cut"]);
});
