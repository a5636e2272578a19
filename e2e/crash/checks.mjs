import { createHash } from "node:crypto";
import { resultsOf, slotsOf } from "./attempts.mjs";
import { CLOCK_STEP_MS, groupBy } from "./ledger.mjs";

/**
 * What must hold whatever dies, against the outside ledger and what the API tells at the end. Each check gives what
 * violates it.
 * `load`: what was acknowledged and seen. `end`: see readEnd. `ledger`: see readLedger. `sums`: see readSums.
 */
export const CHECKS = {
  "nothing acknowledged is lost": ({ load, end }) => [
    ...[...load.runs.keys()].filter((id) => !end.runs.has(id)).map((id) => `run ${id} is gone`),
    ...load.webhooks
      .filter(({ event }) => !end.decisions.some((decision) => decision.event_id === event))
      .map(({ delivery }) => `${delivery} was answered and never judged`),
  ],

  "nothing was started twice": ({ load, end }) =>
    [...end.runs.values()]
      .filter((run) => isFromNowhere(run))
      .map((run) => `run ${run.id} of ${run.record.ref} answers no request`)
      .concat(load.problems),

  "every run is final": ({ end }) => [
    ...end.stuck,
    ...Object.entries(end.left).flatMap(([table, count]) =>
      count === 0 ? [] : [`${count} rows are left in ${table}`],
    ),
  ],

  "no recorded result changed": ({ load, end }) =>
    [...load.runs.values()].flatMap((run) => {
      const now = end.runs.get(run.id);
      if (now === undefined) return [];
      const results = new Map(resultsOf(now.steps));
      const moved = [...run.attempts]
        .filter(([key, before]) => results.get(key) !== before)
        .map(([key, before]) => `run ${run.id} ${key} was ${before} and is ${results.get(key)}`);
      const whole = run.seen && JSON.stringify(run.seen.record) !== JSON.stringify(now.record);
      return whole ? [...moved, `run ${run.id} changed after its end`] : moved;
    }),

  "each recorded success ran to its end": ({ end, ledger }) => {
    const ended = groupBy(ledger, ({ kind, attempt }) => `${kind} ${attempt}`);
    return attemptsOf(end).flatMap(({ id, slot, attempt, output, of }) => {
      const name = `${id} ${slot}/${attempt.number}`;
      if (!WORK.has(of) || attempt.status !== "success") return [];
      const lines = ended.get(`E ${name}`) ?? [];
      if (lines.length !== 1 || !ended.has(`S ${name}`)) return [`${name}: ${lines.length} ends`];
      // What undoes a step has no output.
      return output === undefined || lines[0].rest === output.nonce
        ? []
        : [`${name} has the output of another attempt`];
    });
  },

  "every execution is a recorded attempt": ({ end, ledger }) => {
    const known = new Set(
      attemptsOf(end).map(({ id, slot, attempt }) => `${id} ${slot}/${attempt.number}`),
    );
    const starts = ledger.filter(({ kind }) => kind === "S");
    const twice = [...groupBy(starts, ({ attempt }) => attempt)].filter(
      ([, lines]) => lines.length > 1,
    );
    return [
      ...starts.filter((line) => !known.has(line.attempt)).map((line) => `${line.attempt} ran`),
      ...twice.map(([attempt, lines]) => `${attempt} ran ${lines.length} times`),
    ];
  },

  "a step sees the recorded result of the one before": ({ end, ledger }) => {
    const before = { b: "a", c: "b", after: "before", join: "each#5", told: "sub", use: "make" };
    return ledger
      .filter(({ kind, seen }) => kind === "S" && seen !== "")
      .flatMap(({ run, slot, seen }) => {
        const source = slotsOf(end.runs.get(run)?.steps ?? []).find(
          (one) => one.slot === before[slot],
        );
        return source?.output?.nonce === seen ? [] : [`${run} ${slot} saw ${seen}`];
      });
  },

  "no two live executions, limits and keys hold": ({ ledger }) =>
    ledger.filter(({ kind }) => kind === "!").map(({ attempt, rest }) => `${attempt}: ${rest}`),

  "FIFO order per key holds": ({ load, ledger }) => {
    const lanes = groupBy(
      ledger.filter(({ kind, lane }) => kind === "S" && lane === "line"),
      ({ key }) => key,
    );
    return [...lanes].flatMap(([key, lines]) => {
      const ran = lines.map(({ run }) => run).filter((run, i, all) => run !== all[i - 1]);
      const asked = load.lines.get(key).order.filter((run) => ran.includes(run));
      return ran.join() === asked.join()
        ? []
        : [`${key} ran ${ran.join()} and was asked ${asked.join()}`];
    });
  },

  "a timer never fires early": ({ ledger }) => {
    const rests = groupBy(
      ledger.filter(({ slot }) => slot === "before" || slot === "after"),
      ({ run }) => run,
    );
    return [...rests].flatMap(([run, lines]) => {
      const last = lines.filter(({ kind, slot }) => kind === "E" && slot === "before").at(-1);
      const first = lines.find(({ kind, slot }) => kind === "S" && slot === "after");
      const sleptMs = (first?.ms ?? Number.POSITIVE_INFINITY) - (last?.ms ?? 0);
      return sleptMs > 600 - CLOCK_STEP_MS ? [] : [`${run} slept ${sleptMs} ms of 600`];
    });
  },

  "retries are as many as the policy says": ({ end, ledger }) => {
    const failed = new Set(ledger.filter(({ kind }) => kind === "F").map(({ attempt }) => attempt));
    return [...end.runs.values()].flatMap(({ id, record, steps }) =>
      slotsOf(steps).flatMap((slot) => slotProblems(id, record, slot, failed)),
    );
  },

  "every run ended as it had to": ({ end }) =>
    [...end.runs.values()].flatMap((run) => {
      const { status, ref, error } = run.record;
      const parent = end.runs.get(run.record.parent_id);
      const cancel = run.acknowledged?.cancel ?? parent?.acknowledged?.cancel;
      // A cancel whose answer was lost is answered as too late when it is sent again.
      if (status === "canceled") return cancel ? [] : [`run ${run.id} was never canceled`];
      if (run.acknowledged?.cancel === 202) return [`run ${run.id} was canceled and is ${status}`];
      if (lostThreeTimes(run.steps) || childrenOf(end, run).some(lostChild)) return [];
      const expected = FAILING.has(ref) ? "failed" : "success";
      return status === expected ? [] : [`run ${run.id} of ${ref} is ${status}: ${error?.message}`];
    }),

  "each rule judged each event once": ({ load, end }) =>
    load.webhooks.flatMap(({ delivery, login, event }) => {
      const wanted = {
        "crash.on-assign": login === "mosaic",
        "crash.on-assign-too": true,
        "crash.on-other": false,
      };
      const made = end.decisions.filter((decision) => decision.event_id === event);
      const runs = [...end.runs.values()].filter(({ record }) => record.event_id === event);
      return Object.entries(wanted).flatMap(([rule, matches]) => {
        const judged = made.filter((decision) => decision.rule === rule);
        const started = runs.filter(({ record }) => record.rule === rule);
        const right =
          judged.length === 1 &&
          judged[0].status === (matches ? "matched" : "not_matched") &&
          started.length === (matches ? 1 : 0) &&
          (started[0]?.id ?? null) === judged[0].run_id;
        return right
          ? []
          : [`${delivery} ${rule}: ${judged.length} decisions, ${started.length} runs`];
      });
    }),

  "each child run is one attempt of its parent, and ends as that does": ({ end }) => {
    const calls = attemptsOf(end).filter(({ attempt }) => attempt.run !== undefined);
    const calling = groupBy(calls, ({ attempt }) => attempt.run);
    const wrong = calls.flatMap(({ id, slot, attempt }) => {
      const child = end.runs.get(attempt.run)?.record;
      if (child?.parent_id === id && child.status === attempt.status) return [];
      // Withdrawn before it was born.
      if (child === undefined && attempt.status === "canceled") return [];
      return [`${id} ${slot}/${attempt.number} is ${attempt.status}, its child ${child?.status}`];
    });
    const orphans = [...end.runs.values()].filter(
      ({ id, record }) => record.parent_id !== null && calling.get(id)?.length !== 1,
    );
    return [...wrong, ...orphans.map(({ id }) => `child ${id} is not one attempt`)];
  },

  "the answer that was acknowledged is the one that counts, and no other": ({ load, end }) =>
    [...load.runs.values()].flatMap(({ id, ref, answers = [] }) => {
      const record = end.runs.get(id)?.record;
      if (ref !== "crash.ask" || record?.status !== "success") return [];
      const taken = answers.filter(({ status }) => status === 200);
      const counts = answers.find(({ n }) => n === record.output.n);
      if (counts === undefined) return [`run ${id} has the answer ${record.output.n}`];
      if (taken.length === 0 || (taken.length === 1 && taken[0] === counts)) return [];
      return [`run ${id} went on with ${counts.n}; acknowledged were ${JSON.stringify(taken)}`];
    }),

  "what failed is undone once, and cleaned up": ({ end }) =>
    [...end.runs.values()].flatMap(({ id, record, steps }) => {
      if (record.ref !== "crash.undone" || lostThreeTimes(steps)) return [];
      const undone = steps.filter((step) => step.undo?.status === "success").map((step) => step.id);
      const last = steps.find((step) => step.id === "last");
      if (undone.join() !== "first,second") return [`run ${id} has undone ${undone.join()}`];
      return last?.status === "success" ? [] : [`run ${id}: last is ${last?.status}`];
    }),

  "what was handed back is whole, and what the recorded attempt wrote": ({ end, sums }) => [
    ...end.torn.map((id) => `the content ${id} is listed or kept, and not whole`),
    ...[...end.runs.values()]
      .filter(({ record }) => record.ref === "crash.files")
      .flatMap((run) => fileProblems(run, sums).map((problem) => `run ${run.id}: ${problem}`)),
  ],

  "the interpreter decides the same again": ({ end }) =>
    [...end.runs.values()]
      .filter(({ verification }) => !verification.same)
      .map(({ id, verification }) => `run ${id}: ${JSON.stringify(verification.difference)}`),
};

/** Actions that write into the ledger. */
const WORK = new Set(["crash.work", "crash.make"]);

/** Runs that end as failed by their making. */
const FAILING = new Set(["crash.doomed", "crash.undone"]);

/** Neither asked for, nor started by a rule, nor a step of another. */
function isFromNowhere({ acknowledged, record }) {
  return acknowledged === undefined && record.event_id === null && record.parent_id === null;
}

function childrenOf(end, { steps }) {
  return slotsOf(steps).flatMap(({ attempts }) =>
    attempts.flatMap(({ run }) => (run === undefined ? [] : [end.runs.get(run)])),
  );
}

const lostChild = (child) => child !== undefined && lostThreeTimes(child.steps);

/** Each file is what its checksum says, and that is what the attempt wrote whose result counts. */
function fileProblems({ id, steps, files }, sums) {
  const make = steps.find((step) => step.id === "make");
  if (make.status !== "success") return files.map(({ path }) => `${path} of no success`);
  const { number } = make.attempts.find(({ status }) => status === "success");
  const expected = { "made/bytes": sums.get(`${id} make/${number}`), "made/nonce": nonceSum(make) };
  const paths = files.map(({ path }) => path).join();
  if (paths !== Object.keys(expected).join()) return [`it lists ${paths}`];
  return files
    .filter(({ path, sha256, found, attempt }) => {
      return sha256 !== expected[path] || found !== sha256 || attempt !== number;
    })
    .map(({ path, sha256, found }) => `${path} is said to be ${sha256}, and is ${found}`);
}

const nonceSum = ({ output }) => createHash("sha256").update(`${output.nonce}\n`).digest("hex");

function attemptsOf(end) {
  return [...end.runs.values()].flatMap(({ id, steps }) =>
    slotsOf(steps).flatMap(({ slot, uses, attempts, output }) =>
      attempts.map((attempt) => ({ id, slot, of: uses, attempt, output })),
    ),
  );
}

/** A loss is no try; tries beyond the policy, and failures that nobody wrote down, are violations. */
function slotProblems(id, record, { slot, uses, status, attempts }, failed) {
  const tries = attempts.filter((attempt) => attempt.status !== "lost");
  const most = { "crash.again": 3, "crash.doomed": 2 }[record.ref] ?? 1;
  const numbers = attempts.map(({ number }) => number).join();
  const problems = [];
  if (tries.length > most) problems.push(`${tries.length} tries of ${most}`);
  if (numbers !== attempts.map((_, i) => i + 1).join()) problems.push(`attempts ${numbers}`);
  if (
    record.ref === "crash.doomed" &&
    status === "failed" &&
    tries.length < most &&
    !lostThree(attempts)
  )
    problems.push(`gave up after ${tries.length} tries of ${most}`);
  // A child's failure is judged by its own steps.
  const own = attempts.filter(({ run }) => run === undefined && uses !== "core.fail");
  for (const { number, status: came, error } of own)
    if (came === "failed" && !failed.has(`${id} ${slot}/${number}`))
      problems.push(`attempt ${number} failed by itself: ${error?.message}`);
  return problems.map((problem) => `run ${id} ${slot}: ${problem}`);
}

const lostThree = (attempts) =>
  attempts.some(
    (_, i) => i >= 2 && attempts.slice(i - 2, i + 1).every(({ status }) => status === "lost"),
  );

const lostThreeTimes = (steps) => slotsOf(steps).some(({ attempts }) => lostThree(attempts));
