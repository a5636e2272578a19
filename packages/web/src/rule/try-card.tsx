import type { RuleDetail } from "@yardmaster/protocol";
import { useState } from "react";
import { Card } from "../design/card.tsx";
import { TABS_LOOK, tabLook } from "../list/tabs.ts";
import { TryEvent } from "./try-event.tsx";
import { TryHistory } from "./try-history.tsx";

interface TryCardProps {
  readonly rule: RuleDetail;
  /** The event that it is tried on at once. */
  readonly event: string | undefined;
}

const WAYS = { event: "On one event", time: "On the events of a time" } as const;

/** Judges without acting: nothing starts and nothing is recorded. */
export function TryCard({ rule, event }: TryCardProps) {
  const [way, setWay] = useState<keyof typeof WAYS>("event");
  return (
    <div id="try" className="scroll-mt-28">
      <Card title="Try it" aside={<span className="text-muted">starts nothing</span>}>
        <div className="space-y-3 px-4 py-3">
          <div className={TABS_LOOK}>
            {Object.entries(WAYS).map(([name, words]) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === way}
                className={tabLook(name === way)}
                onClick={() => setWay(name as keyof typeof WAYS)}
              >
                {words}
              </button>
            ))}
          </div>
          {way === "event" ? (
            <TryEvent rule={rule} first={event} />
          ) : (
            <TryHistory rule={rule.rule} />
          )}
        </div>
      </Card>
    </div>
  );
}
