import type { QueueDetail } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { QueueRows, StepLink } from "./queue-rows.tsx";

/** What stands in line in a queue, in the order in which it is admitted. */
export function WaitingCard({ queue: { waiting, ready } }: { readonly queue: QueueDetail }) {
  const more = ready - waiting.length;
  return (
    <Card title="In line">
      <QueueRows
        none="Nothing waits in it for room."
        more={more > 0 ? `${more.toLocaleString()} more wait behind these` : undefined}
      >
        {waiting.map(({ run_id, step, attempt, key, priority }, index) => (
          <li
            key={`${run_id} ${step} ${attempt}`}
            className="flex flex-wrap items-baseline gap-x-3 px-4 py-2"
          >
            <span className="w-6 text-muted tabular-nums">{index + 1}</span>
            <span className="min-w-0 flex-1">
              <StepLink run={run_id} step={step} attempt={attempt} />
            </span>
            <span className="text-muted">
              {key !== null && `key ${key} · `}priority {priority}
            </span>
          </li>
        ))}
      </QueueRows>
    </Card>
  );
}
