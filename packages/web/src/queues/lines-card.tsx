import { Link } from "@tanstack/react-router";
import type { QueueDetail } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { QueueRows } from "./queue-rows.tsx";

/** Of a queue that keeps an order for each key: which run holds the key, and how many stand behind it. */
export function LinesCard({ queue: { lines } }: { readonly queue: QueueDetail }) {
  return (
    <Card title="Lines by key">
      <QueueRows none="No key is held.">
        {lines.map(({ key, leads, runs }) => (
          <li key={key} className="flex flex-wrap justify-between gap-x-4 px-4 py-2">
            <span className="min-w-0 font-medium wrap-anywhere">{key}</span>
            <span className="min-w-0 text-muted wrap-anywhere">
              led by{" "}
              <Link to="/runs/$id" params={{ id: leads }} className="text-accent underline">
                run {leads}
              </Link>
              {runs > 1 && `; ${runs - 1} ${runs === 2 ? "waits" : "wait"} behind it`}
            </span>
          </li>
        ))}
      </QueueRows>
    </Card>
  );
}
