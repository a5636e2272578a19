import type { RuleHistory, RuleTrial } from "@yardmaster/protocol";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { jsonLines } from "./run-lines.ts";
import { statusMark, statusWord } from "./status.ts";

/** What a rule makes of one event, clause by clause, and what it would start. */
export function trialLines(trial: RuleTrial, paint: Paint): string[] {
  const { rule, status, reason, run } = trial;
  return [
    `${statusMark(status, paint)} ${paint.strong(printable(rule))}  ${statusWord(status, paint)}${reason === null ? "" : `: ${printable(reason)}`}`,
    ...(trial.listens ? [] : [paint.held("  it does not listen on events of this type")]),
    ...(trial.held === null ? [] : [paint.held(`  it would be held: ${printable(trial.held)}`)]),
    ...trial.clauses.flatMap((clause) => clauseLines(clause, paint)),
    ...(run === null ? [] : [`  it would run ${printable(run.ref)} with`, ...indented(run.input)]),
  ];
}

const MARKS = { true: "matched", false: "error", missing: "error", error: "error" } as const;

function clauseLines(
  { clause, outcome, message, values }: RuleTrial["clauses"][number],
  paint: Paint,
): string[] {
  return [
    `  ${statusMark(MARKS[outcome], paint)} ${printable(clause)}  ${paint.faint(outcome)}${message === null ? "" : `: ${printable(message)}`}`,
    ...values.map(({ path, found, value, cut }) => {
      const shown = found
        ? printable(cut ? `${String(value)} …` : JSON.stringify(value))
        : "is not there";
      return `      ${paint.faint(printable(path))} ${found ? "= " : ""}${shown}`;
    }),
  ];
}

/** What a rule would have made of the events that came. */
export function historyLines(history: RuleHistory, paint: Paint): string[] {
  const { rule, judged, matched, not_matched, error, clauses, matches, errors, held } = history;
  const outcomes = [
    `${matched} matched`,
    `${not_matched} not matched`,
    ...(error > 0 ? [`${error} could not be judged`] : []),
  ];
  return [
    `${paint.strong(printable(rule))}  ${judged} events: ${outcomes.join(", ")}`,
    ...(held === null ? [] : [paint.held(`  it would be held now: ${printable(held)}`)]),
    ...clauses.map(({ clause, count }) => `  – ${count} × not so: ${printable(clause)}`),
    ...errors.map(
      ({ event_id, reason }) => `  ${statusMark("error", paint)} ${event_id}  ${printable(reason)}`,
    ),
    ...matches.map(
      ({ event_id, received_at, subject, run }) =>
        `  ${statusMark("matched", paint)} ${event_id}  ${received_at}  ${printable(subject ?? "")}${run === null ? "" : `  ${printable(run.ref)} ${printable(JSON.stringify(run.input))}`}`,
    ),
    ...(matched > matches.length && matches.length > 0
      ? [paint.faint(`  … and ${matched - matches.length} more (--matches)`)]
      : []),
  ];
}

function indented(value: Parameters<typeof jsonLines>[0]): string[] {
  return jsonLines(value).map((line) => `    ${line}`);
}
