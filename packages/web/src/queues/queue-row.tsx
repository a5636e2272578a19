import { Link } from "@tanstack/react-router";
import type { Queue } from "@yardmaster/protocol";
import { ROW_LOOK } from "../list/row-list.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { limitWords, runningWords, waitingWords } from "./queue-words.ts";

export function QueueRow({ queue }: { readonly queue: Queue }) {
  const limits = limitWords(queue).join("; ");
  return (
    <li className="border-line not-last:border-b">
      <Link
        to="/queues/$name"
        params={{ name: queue.name }}
        className={`${ROW_LOOK} sm:grid-cols-[7.5rem_1fr_9rem_9rem]`}
      >
        <span className="max-sm:justify-self-end">
          <Badge look={HOUSE_LOOKS[queue.status]} />
        </span>
        <span className="min-w-0 max-sm:order-first">
          <span className="block truncate font-medium">{queue.name}</span>
          <span className="block truncate text-[0.8125rem] text-muted">
            {queue.paused_by === null
              ? limits === ""
                ? "No limits"
                : limits
              : `Paused by ${queue.paused_by}`}
          </span>
        </span>
        <span className="text-muted tabular-nums sm:text-right">{runningWords(queue)}</span>
        <span className={`text-right tabular-nums ${queue.ready > 0 ? "" : "text-muted"}`}>
          {waitingWords(queue)}
        </span>
      </Link>
    </li>
  );
}
