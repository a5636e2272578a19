import { useMutation, useQuery } from "@tanstack/react-query";
import type { EventDetail, Replayed } from "@yardmaster/protocol";
import { useState } from "react";
import { Because } from "../decisions/because.tsx";
import { OUTCOMES } from "../decisions/outcomes.ts";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Failure } from "../design/failure.tsx";
import { useSession } from "../session/session.tsx";
import { Badge } from "../status/badge.tsx";

interface ReplayDialogProps {
  readonly event: EventDetail;
  onReplayed(): void;
  onClose(): void;
}

/** Judges an event again, after it has told what that would do. */
export function ReplayDialog({ event: { id, type }, onReplayed, onClose }: ReplayDialogProps) {
  const { client } = useSession();
  const [rule, setRule] = useState<string>();
  // One key for one dialog: a second press of the button is no second replay.
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join("-"));
  const trial = useQuery({
    queryKey: ["replay-trial", id],
    queryFn: ({ signal }) => client.events.replay(id, { dry_run: true }, { signal }),
    // The rules may be others than the last time that somebody asked.
    gcTime: 0,
  });
  const replay = useMutation({
    mutationFn: () =>
      client.events.replay(
        id,
        { rule },
        { idempotencyKey: rule === undefined ? idempotencyKey : `${idempotencyKey}-${rule}` },
      ),
    onSuccess: () => {
      onReplayed();
      onClose();
    },
    networkMode: "always",
  });
  const verdicts = trial.data?.decisions.filter((one) => rule === undefined || one.rule === rule);
  return (
    <Dialog title={`Judge this ${type} again?`} onClose={onClose}>
      <p className="mt-2 text-muted">
        The rules judge it as they are now. One that matches starts a run, also where it started one
        before; what ran stays as it is.
      </p>
      {trial.data !== undefined && trial.data.decisions.length > 1 && (
        <>
          <label className="mt-3 block font-medium" htmlFor="replay-rule">
            Who judges
          </label>
          <select
            id="replay-rule"
            className="field mt-1 w-full"
            value={rule ?? ""}
            onChange={({ target: { value } }) => setRule(value === "" ? undefined : value)}
          >
            <option value="">All {trial.data.decisions.length} rules that listen on it</option>
            {trial.data.decisions.map((one) => (
              <option key={one.rule}>{one.rule}</option>
            ))}
          </select>
        </>
      )}
      <div aria-live="polite" className="mt-3 space-y-3">
        {trial.isPending && <p className="text-muted">Looking what that would do…</p>}
        {verdicts !== undefined && <Verdicts verdicts={verdicts} type={type} />}
        {[trial.error, replay.error].map(
          (error) =>
            error !== null && <Failure key={String(error)} error={error} to="judge events again" />,
        )}
      </div>
      <div className="mt-4 flex justify-end gap-2">
        <Button type="button" onClick={onClose}>
          Leave it
        </Button>
        <Button
          type="button"
          kind="primary"
          disabled={replay.isPending || (verdicts?.length ?? 0) === 0}
          onClick={() => replay.mutate()}
        >
          {replay.isPending ? "Judging…" : "Judge again"}
        </Button>
      </div>
    </Dialog>
  );
}

interface VerdictsProps {
  readonly verdicts: Replayed["decisions"];
  readonly type: string;
}

function Verdicts({ verdicts, type }: VerdictsProps) {
  if (verdicts.length === 0)
    return <p className="text-muted">No rule listens on {type} now: nothing would happen.</p>;
  return (
    <ul
      aria-label="What would happen"
      className="max-h-72 divide-y divide-line overflow-y-auto rounded-lg border border-line"
    >
      {verdicts.map((verdict) => (
        <li key={verdict.rule} className="space-y-1 px-3 py-2">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Badge look={OUTCOMES[verdict.status]} />
            <span className="min-w-0 font-medium wrap-anywhere">{verdict.rule}</span>
          </div>
          <p className="text-muted wrap-anywhere empty:hidden">
            <Because said={verdict} />
            {verdict.run !== null && (
              <>
                It would start <span className="text-ink">{verdict.run.ref}</span> with{" "}
                <code className="line-clamp-3 font-mono text-[0.8125rem]">
                  {JSON.stringify(verdict.run.input)}
                </code>
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
