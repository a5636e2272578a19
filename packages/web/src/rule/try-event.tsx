import { useQuery } from "@tanstack/react-query";
import type { ListedEvent, RuleDetail } from "@yardmaster/protocol";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { useSession } from "../session/session.tsx";
import { formatAge } from "../time/format.ts";
import { TrialResult } from "./trial-result.tsx";

interface TryEventProps {
  readonly rule: RuleDetail;
  readonly first: string | undefined;
}

const RECENT = 20;

/** Tries a rule on one event: of the last ones that it listens on, or any other by its id. */
export function TryEvent({ rule: { rule, on }, first }: TryEventProps) {
  const { client } = useSession();
  const [text, setText] = useState(first ?? "");
  const [chosen, setChosen] = useState(first);
  const recent = useQuery({
    queryKey: ["rule", rule, "recent"],
    queryFn: ({ signal }) =>
      client.events.page({ type: on, limit: RECENT, payloads: "false", signal }),
  });
  const trial = useQuery({
    queryKey: ["trial", rule, chosen],
    queryFn: ({ signal }) => client.rules.test({ rule, event_id: chosen }, { signal }),
    enabled: chosen !== undefined,
    // The rule may be another the next time.
    gcTime: 0,
    retry: false,
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    const id = text.trim();
    if (id === chosen) void trial.refetch();
    else setChosen(id);
  }

  return (
    <>
      <form onSubmit={submit}>
        <label className="block font-medium" htmlFor="try-event">
          Event
        </label>
        <div className="mt-1 flex gap-2">
          <input
            id="try-event"
            className="field min-w-0 flex-1 font-mono text-[0.8125rem]"
            list="try-events"
            placeholder="Its id"
            spellCheck={false}
            autoComplete="off"
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button disabled={text.trim() === "" || trial.isFetching}>Try</Button>
        </div>
        <datalist id="try-events">
          {recent.data?.items.map((event) => (
            <option key={event.id} value={event.id}>
              {labelOf(event)}
            </option>
          ))}
        </datalist>
        <RecentLine events={recent.data?.items} on={on} onChoose={setText} />
      </form>
      <div aria-live="polite" className="space-y-3 empty:hidden">
        {trial.error !== null && <Failure error={trial.error} to="try rules" />}
        {trial.data !== undefined && <TrialResult trial={trial.data} />}
      </div>
    </>
  );
}

function labelOf({ type, subject, received_at }: ListedEvent): string {
  const age = formatAge(Date.parse(received_at), Date.now());
  return [type, subject, age].filter((part) => part !== null).join(" · ");
}

interface RecentLineProps {
  readonly events: readonly ListedEvent[] | undefined;
  readonly on: string;
  onChoose(id: string): void;
}

/** Takes the newest: most often it is the one that is meant. */
function RecentLine({ events, on, onChoose }: RecentLineProps) {
  if (events === undefined) return null;
  const [newest] = events;
  if (newest === undefined)
    return <p className="mt-1.5 text-muted wrap-anywhere">No event of type {on} is kept.</p>;
  return (
    <p className="mt-1.5 text-muted wrap-anywhere">
      The last that it listens on:{" "}
      <button type="button" className="text-accent underline" onClick={() => onChoose(newest.id)}>
        {labelOf(newest)}
      </button>
    </p>
  );
}
