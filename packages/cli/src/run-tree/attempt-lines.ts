import type { Attempt, AttemptMeasures, Step } from "@yardmaster/protocol";
import { printable } from "../output/printable.ts";
import { shortDuration } from "../output/time.ts";

/** A line for each attempt of a run's steps, with what was measured of it. */
export function attemptLines(steps: readonly Step[]): string[] {
  return steps.flatMap(({ id, items, rounds, attempts }) => {
    const own = attempts.map((attempt) => attemptLine(id, attempt));
    const ofParts = (items ?? rounds ?? []).flatMap(({ index, attempts: each }) =>
      each.map((attempt) => attemptLine(`${id}#${index}`, attempt)),
    );
    return [...own, ...ofParts];
  });
}

function attemptLine(slot: string, { number, status, worker, node, facts }: Attempt): string {
  const where = node === undefined ? worker && `worker ${worker}` : `node ${printable(node)}`;
  return [`${printable(slot)}/${number} ${status}`, where ?? "", ...(facts ? measured(facts) : [])]
    .filter((part) => part !== "")
    .join(", ");
}

function measured(facts: AttemptMeasures): string[] {
  const { duration_ms, pid, exit_code, signal, stdout_bytes, stderr_bytes, left_behind } = facts;
  const printed = (name: string, bytes: number | undefined, isCut: true | undefined) =>
    bytes === undefined ? [] : [`${bytes} bytes of ${name}${isCut ? ", not all kept" : ""}`];
  return [
    shortDuration(duration_ms),
    ...(pid === undefined ? [] : [`pid ${pid}`]),
    ...(exit_code === undefined ? [] : [`exit code ${exit_code}`]),
    ...(signal === undefined ? [] : [printable(signal)]),
    ...printed("stdout", stdout_bytes, facts.stdout_cut),
    ...printed("stderr", stderr_bytes, facts.stderr_cut),
    ...(left_behind === undefined ? [] : [`${left_behind} left behind`]),
  ];
}
