import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { TOKEN } from "../crash/installation.mjs";

/** Under load something changes all the time: a stream that says nothing for so long is dead. */
const SILENT_MS = 4_000;
const AGAIN_MS = 100;

/**
 * Follows the change feed as a browser does: after each end, however it came, from the last id on. Keeps the id of
 * every change it was told, and how often it had to come again.
 */
export function createFollower(url) {
  const seen = [];
  const gaps = [];
  const stop = new AbortController();
  let first;
  let last;
  let resumed = -1;

  async function follow() {
    while (!stop.signal.aborted) {
      resumed += 1;
      await readStream(url, last, stop.signal, ({ id, event }) => {
        first ??= id;
        last = id;
        if (event === "gap") gaps.push(id);
        if (event !== undefined && !["ready", "gap", "cut"].includes(event)) seen.push(id);
      });
      await pause(AGAIN_MS);
    }
  }

  const following = follow();
  return {
    seen,
    gaps,
    resumed: () => resumed,
    isStanding: () => first !== undefined,
    first: () => first,
    async stop() {
      stop.abort();
      await following;
    },
  };
}

/** What was told under load is read in a few seconds. */
const READ_WITHIN_MS = 60_000;

/** Every change from a cursor on, until nothing more comes; read at one go over a connection that nothing befalls. */
export async function readChanges(url, after) {
  const ids = [];
  const stop = new AbortController();
  const latest = setTimeout(() => stop.abort(), READ_WITHIN_MS);
  const timer = () => setTimeout(() => stop.abort(), 1_500);
  let idle = timer();
  await readStream(url, after, stop.signal, ({ id, event }) => {
    if (event === undefined || event === "ready") return;
    clearTimeout(idle);
    idle = timer();
    ids.push(id);
  });
  clearTimeout(latest);
  return ids;
}

/** Resolves when the stream has ended, was silent for too long, or the signal aborts. */
function readStream(url, after, signal, take) {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(after && { "last-event-id": after }) };
    const request = get(`${url}/v1/stream`, { headers, agent: false, timeout: SILENT_MS });
    const end = () => {
      signal.removeEventListener("abort", end);
      request.destroy();
      resolve();
    };
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    request.on("timeout", end).on("error", end).on("close", end);
    request.on("response", (response) => {
      response.on("error", end);
      if (response.statusCode !== 200) return end();
      let rest = "";
      response.setEncoding("utf8").on("data", (text) => {
        const frames = (rest + text).split("\n\n");
        rest = frames.pop();
        for (const frame of frames) take(fieldsOf(frame));
      });
    });
  });
}

function fieldsOf(frame) {
  return Object.fromEntries(
    frame
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
}
