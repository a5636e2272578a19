import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { TextFilter } from "../list/text-filter.tsx";
import { type EventFilter, filterWith } from "./event-filter.ts";
import { OutcomeFilter } from "./outcome-filter.tsx";
import { TimeFilter } from "./time-filter.tsx";
import { useKnownNames } from "./use-known-names.ts";

const HOUR_MS = 3_600_000;
const SPANS = [
  { label: "Last hour", ms: HOUR_MS },
  { label: "Last 24 hours", ms: 24 * HOUR_MS },
  { label: "Last 7 days", ms: 7 * 24 * HOUR_MS },
];

/** All by which the list of events can be filtered; what is asked for rarely is folded up. */
export function EventFilters({ filter }: { readonly filter: EventFilter }) {
  const { subject, trace, since, until } = filter;
  const isMoreUsed = [subject, trace, since, until].some((value) => value !== undefined);
  const [isOpen, setOpen] = useState(isMoreUsed);
  const { types, rules, sources } = useKnownNames();
  const navigate = useNavigate();
  const choose = (change: Parameters<typeof filterWith>[1]): void => {
    void navigate({ to: "/events", search: filterWith(filter, change) });
  };
  return (
    <div className="mt-4 space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <OutcomeFilter filter={filter} />
        <Button
          type="button"
          kind="quiet"
          aria-expanded={isOpen}
          className="max-sm:-ml-3"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Fewer filters" : "More filters"}
        </Button>
      </div>
      <div className="grid gap-2 sm:grid-cols-3">
        <NameFilter label="Type" names={types} value={filter.type} name="type" onChoose={choose} />
        <NameFilter
          label="Source"
          names={sources}
          value={filter.source}
          name="source"
          onChoose={choose}
        />
        <NameFilter label="Rule" names={rules} value={filter.rule} name="rule" onChoose={choose} />
      </div>
      {isOpen && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 max-sm:flex-col max-sm:items-stretch">
          <TimeFilter label="From" value={since} onValue={(at) => choose({ since: at })} />
          <TimeFilter label="Until" value={until} onValue={(at) => choose({ until: at })} />
          <span className="flex flex-wrap gap-1">
            {SPANS.map(({ label, ms }) => (
              <Button
                key={label}
                type="button"
                onClick={() =>
                  choose({ since: new Date(Date.now() - ms).toISOString(), until: undefined })
                }
              >
                {label}
              </Button>
            ))}
          </span>
          <span className="grid flex-1 gap-2 sm:min-w-96 sm:grid-cols-2">
            <NameFilter label="Subject" value={subject} name="subject" onChoose={choose} />
            <NameFilter label="Trace id" value={trace} name="trace" onChoose={choose} />
          </span>
        </div>
      )}
    </div>
  );
}

interface NameFilterProps {
  readonly label: string;
  readonly name: "type" | "source" | "rule" | "subject" | "trace";
  readonly value: string | undefined;
  readonly names?: readonly string[];
  onChoose(change: Parameters<typeof filterWith>[1]): void;
}

function NameFilter({ label, name, value, names = [], onChoose }: NameFilterProps) {
  const list = `known-${name}`;
  return (
    <TextFilter
      label={label}
      value={value}
      list={list}
      onValue={(text) => onChoose({ [name]: text })}
    >
      <datalist id={list}>
        {names.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </TextFilter>
  );
}
