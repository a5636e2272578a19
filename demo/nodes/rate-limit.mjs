import { setTimeout as delay } from "node:timers/promises";
import { span } from "../screen.mjs";
import { flood } from "./flood.mjs";

const CALLS = 300;
const MESSAGES = 500;

export async function rateLimit(stage) {
  const { screen } = stage;
  screen.title("Rate limit: a caller who asks too much, and a machine that says too much");
  const { refused } = await tooManyCalls(stage);
  await tooManyMessages(stage);
  return { refused };
}

/** More calls at once than a node takes. Those beyond are refused; the others are given up when their caller leaves. */
async function tooManyCalls({ screen, client, check, post, signal }) {
  const leaving = new AbortController();
  const options = { signal: AbortSignal.any([signal, leaving.signal]) };
  const refused = [];
  const calls = Array.from({ length: CALLS }, async () => {
    const answer = await post("/v1/nodes/lab/exec", { argv: ["sleep", "30"] }, options);
    refused.push({ status: answer.status, code: (await answer.json()).code });
    if (refused.length === CALLS - OPEN_MOST) leaving.abort();
  });
  await Promise.allSettled(calls);
  const started = performance.now();
  const { stdout } = await onceItIsNotBusy(() =>
    client.nodes.exec("lab", { argv: ["echo", "here"] }, { signal }),
  );
  const tookMs = performance.now() - started;
  const [{ status, code }] = refused;
  screen.field("calls", `of ${CALLS} at once ${refused.length} are refused: ${status} ${code}`);
  screen.field("", `their caller leaves, and the next call is answered in ${span(tookMs)}`);
  check("calls beyond what a node takes are refused as busy", () => {
    const isBusy = (one) => one.status === 429 && one.code === "node_busy";
    return refused.length === CALLS - OPEN_MOST && refused.every(isBusy);
  });
  check("calls that nobody waits for do not stand in the way", () => stdout === "here\n");
  return { refused: refused.length };
}

/** The server learns of each caller who has left by itself, and the node ends its command. */
async function onceItIsNotBusy(call) {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error.code !== "node_busy") throw error;
      await delay(20);
    }
  }
}

/** Calls of one node that are open at once. */
const OPEN_MOST = 256;

/** A machine gone mad: its link is closed, and nobody else feels it. */
async function tooManyMessages({ screen, client, check, url, signal }) {
  const { token } = await client.nodes.pair({ name: "mad", client: "base" }, { signal });
  const flooding = flood({ url, name: "mad", token, count: MESSAGES });
  const started = performance.now();
  const other = await client.nodes.exec("edge", { argv: ["echo", "calm"] }, { signal });
  const tookMs = performance.now() - started;
  const { code, limit } = await flooding;
  screen.field("flood", `${MESSAGES} messages in a moment: ${limit.reason}, closed with ${code};`);
  screen.field("", `meanwhile a call to edge takes ${span(tookMs)}`);
  check("a flooding machine is told why, and closed with 4004", () => {
    return code === 4004 && limit.limit_per_second === 100 && limit.node_name === "mad";
  });
  check("others go on", () => other.stdout === "calm\n");
  await client.nodes.revoke("mad", { reason: "it floods" }, { signal });
}
