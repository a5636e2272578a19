import { setTimeout as pause } from "node:timers/promises";
import { resultsOf } from "./attempts.mjs";

/** What is started, and how often of 28. */
const MIX = [
  ["crash.chain", 3],
  ["crash.fan", 2],
  ["crash.again", 2],
  ["crash.doomed", 1],
  ["crash.rest", 2],
  ["crash.narrow", 2],
  ["crash.keyed", 2],
  ["crash.line", 2],
  ["crash.echoes", 1],
  ["crash.nest", 2],
  ["crash.files", 2],
  ["crash.undone", 1],
  ["crash.fetch", 1],
  ["crash.ask", 2],
  ["cancel", 2],
  ["webhook", 1],
].flatMap(([what, weight]) => Array(weight).fill(what));
const KEYS = ["k0", "k1", "k2"];
const MAX_OPEN = 24;
const EVERY_MS = 40;
const LOOK_EVERY_MS = 100;
const LOOK_AT_ONCE = 4;
export const FINAL = new Set(["success", "failed", "timed_out", "canceled"]);

/**
 * Keeps an installation busy through its API until `stop`, and keeps what was acknowledged: runs, cancels, webhooks.
 * It looks at open runs all the while and keeps the first result that it saw of each attempt, to be compared later.
 */
export function createLoad(client, random, { slowUrl }) {
  /** By id: what was acknowledged of a run, and what was seen of it. */
  const runs = new Map();
  const webhooks = [];
  const problems = [];
  /** Runs of a FIFO key are started one after the other: their order is that of their answers. */
  const lines = new Map(KEYS.map((key) => [key, { last: Promise.resolve(), order: [] }]));
  const pending = new Set();
  let count = 0;
  let stopped = false;

  const open = () => [...runs.values()].filter((run) => run.seen === undefined);

  function track(work) {
    const done = work
      .catch((error) => problems.push(`the load: ${error.message}`))
      .finally(() => pending.delete(done));
    pending.add(done);
  }

  async function startRun(ref, input) {
    const key = `crash-${count++}`;
    const answer = await client.startRun(ref, input, key);
    if (answer.status !== 202) throw new Error(`${ref} was answered ${answer.status}`);
    const { id } = answer.body;
    runs.set(id, { id, ref, input, attempts: new Map() });
    if (random.next() < 0.1) await again(ref, input, key, id);
    return id;
  }

  async function again(ref, input, key, id) {
    const second = (await client.startRun(ref, input, key)).body.id;
    if (second !== id) problems.push(`the key ${key} started ${id} and again ${second}`);
  }

  async function startInLine() {
    const input = { key: random.pick(KEYS) };
    const line = lines.get(input.key);
    const before = line.last;
    line.last = before.then(async () => line.order.push(await startRun("crash.line", input)));
    await line.last;
  }

  async function startAndCancel() {
    const ref = random.pick(["crash.hold", "crash.fan", "crash.keyed", "crash.rest", "crash.nest"]);
    const id = await startRun(ref, ref === "crash.keyed" ? { key: random.pick(KEYS) } : {});
    await pause(random.between(0, 1_500));
    const { status } = await client.cancel(id);
    runs.get(id).cancel = status;
  }

  /** Two answers at one moment, each under a key of its own: what is not answered is sent again. */
  async function startAndAnswer() {
    const id = await startRun("crash.ask", {});
    const asked = await client.get(`/v1/inquiries?run=${id}`);
    await pause(random.between(0, 500));
    const numbers = [count++, count++];
    const told = await Promise.all(
      numbers.map((n) => client.answer(asked[0].id, { n }, `answer-${n}`)),
    );
    runs.get(id).answers = told.map(({ status }, i) => ({ n: numbers[i], status }));
  }

  async function sendWebhook() {
    const number = count++;
    const login = random.pick(["mosaic", "ada"]);
    const delivery = `crash-delivery-${number}`;
    const answer = await client.webhook(delivery, issueBody(number, login));
    if (answer.status !== 200) throw new Error(`a webhook was answered ${answer.status}`);
    webhooks.push({ delivery, login, event: answer.body.event });
    if (random.next() < 0.3) await client.webhook(delivery, issueBody(number, login));
  }

  function one() {
    const what = random.pick(MIX);
    if (what === "cancel") return startAndCancel();
    if (what === "webhook") return sendWebhook();
    if (what === "crash.ask") return startAndAnswer();
    if (what === "crash.line") return startInLine();
    if (what === "crash.keyed") return startRun(what, { key: random.pick(KEYS) });
    if (what === "crash.fetch") return startRun(what, { url: `${slowUrl}/${count}` });
    return startRun(what, {});
  }

  async function produce() {
    while (!stopped) {
      if (open().length + pending.size < MAX_OPEN) track(one());
      await pause(EVERY_MS);
    }
  }

  /** Keeps a run's record and steps when it is final; while it is not, what its attempts came to. */
  async function look(run) {
    const record = await client.get(`/v1/runs/${run.id}`);
    const steps = await client.get(`/v1/runs/${run.id}/steps`);
    for (const [key, result] of resultsOf(steps)) {
      const first = run.attempts.get(key);
      if (first === undefined) run.attempts.set(key, result);
      else if (first !== result)
        problems.push(`run ${run.id} ${key} was ${first} and is ${result}`);
    }
    if (FINAL.has(record.status)) run.seen = { record, steps };
  }

  async function watch() {
    while (!stopped) {
      // Oldest first, and two by chance: what ends is seen soon, what goes on is seen now and then.
      const some = open();
      const chosen = new Set(some.slice(0, LOOK_AT_ONCE - 2));
      for (let i = 0; i < 2 && some.length > 0; i++) chosen.add(random.pick(some));
      await Promise.all([...chosen].map((run) => look(run).catch(() => undefined)));
      await pause(LOOK_EVERY_MS);
    }
  }

  const working = [produce(), watch()];
  return {
    runs,
    webhooks,
    lines,
    problems,
    /** Starts nothing more; resolves when all that was sent has been answered. */
    async stop() {
      stopped = true;
      await Promise.all(working);
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

function issueBody(number, login) {
  return {
    action: "assigned",
    number,
    issue: {
      id: number,
      number,
      title: `Issue ${number}`,
      state: "open",
      assignee: { id: 7, login },
    },
    repository: { name: "stack", full_name: "mosaic/stack", owner: { login: "mosaic" } },
    sender: { id: 1, login: "jason" },
  };
}
