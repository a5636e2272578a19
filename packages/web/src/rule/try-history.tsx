import { type FormEvent, useState } from "react";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { fromLocalInput, toLocalInput } from "../time/local-input.ts";
import { HistoryResult } from "./history-result.tsx";
import { useHistory } from "./use-history.ts";

const DAY_MS = 86_400_000;

/** Tries a rule on the events that came in a time. */
export function TryHistory({ rule }: { readonly rule: string }) {
  const [since, setSince] = useState(() =>
    toLocalInput(new Date(Date.now() - DAY_MS).toISOString()),
  );
  const [until, setUntil] = useState("");
  const { sum, error, isJudging, start, stop } = useHistory(rule);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const from = fromLocalInput(since);
    if (from !== undefined) void start(from, fromLocalInput(until));
  }

  return (
    <>
      <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <Moment label="From" value={since} isRequired onValue={setSince} />
        <Moment label="Until" value={until} isRequired={false} onValue={setUntil} />
        {isJudging ? (
          <Button type="button" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button>Try</Button>
        )}
      </form>
      <div aria-live="polite" className="space-y-3 empty:hidden">
        {sum !== undefined && <HistoryResult sum={sum} isJudging={isJudging} />}
        {sum === undefined && isJudging && <p className="text-muted">Judging…</p>}
        {error !== null && <Failure error={error} to="try rules" />}
      </div>
    </>
  );
}

interface MomentProps {
  readonly label: string;
  readonly value: string;
  readonly isRequired: boolean;
  onValue(value: string): void;
}

function Moment({ label, value, isRequired, onValue }: MomentProps) {
  return (
    <label className="font-medium">
      {label}
      {!isRequired && <span className="font-normal text-muted"> (may be left out)</span>}
      <input
        type="datetime-local"
        step={1}
        className="field mt-1 block font-normal"
        required={isRequired}
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
    </label>
  );
}
