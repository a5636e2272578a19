import type { Queue } from "@yardmaster/protocol";

/** What holds a queue back, in its own words; empty where nothing does. */
export function limitWords({ concurrency, key_concurrency, rate, fifo }: Queue): string[] {
  return [
    concurrency === null ? "" : `${concurrency} at once`,
    key_concurrency === null ? "" : `${key_concurrency} at once for each key`,
    rate === null ? "" : `${rate} started`,
    fifo ? "one run at a time for each key, in the order of arrival" : "",
  ].filter((word) => word !== "");
}

/** How much runs in it, of how much may: `2 of 3 running`. */
export function runningWords({ leased, concurrency }: Queue): string {
  return concurrency === null ? `${leased} running` : `${leased} of ${concurrency} running`;
}

/** What is in it and does not run: `4 wait, 1 waits to retry`. */
export function waitingWords({ ready, delayed }: Pick<Queue, "ready" | "delayed">): string {
  const waiting = `${ready} ${ready === 1 ? "waits" : "wait"}`;
  if (delayed === 0) return waiting;
  return `${waiting}, ${delayed} ${delayed === 1 ? "waits" : "wait"} to retry`;
}
