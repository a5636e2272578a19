import { Link } from "@tanstack/react-router";
import type { QueueDetail } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Age } from "../time/moments.tsx";
import { QueueRows, StepLink } from "./queue-rows.tsx";

/** What runs in a queue, the longest first. */
export function RunningCard({ queue: { running, leased } }: { readonly queue: QueueDetail }) {
  const more = leased - running.length;
  return (
    <Card title="Running">
      <QueueRows
        none="Nothing runs in it."
        more={more > 0 ? `${more.toLocaleString()} more run` : undefined}
      >
        {running.map(({ run_id, step, attempt, key, node, leased_at }) => (
          <li
            key={`${run_id} ${step} ${attempt}`}
            className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-2"
          >
            <StepLink run={run_id} step={step} attempt={attempt} />
            <span className="text-muted">
              {key !== null && `key ${key} · `}
              {node !== undefined && (
                <>
                  on{" "}
                  <Link to="/nodes/$name" params={{ name: node }} className="underline">
                    {node}
                  </Link>
                  {" · "}
                </>
              )}
              <Age at={leased_at} />
            </span>
          </li>
        ))}
      </QueueRows>
    </Card>
  );
}
