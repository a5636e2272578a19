import type { NodeSession } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import type { Part } from "../live/read-part.ts";
import { Age } from "../time/moments.tsx";

/** The shell sessions of a connected node, which go on between calls. */
export function SessionsCard({
  sessions: { data, error },
}: {
  readonly sessions: Part<NodeSession[]>;
}) {
  return (
    <Card title="Shell sessions">
      {data === undefined && (
        <div className="p-4">
          <Failure error={error} to="read the sessions of nodes" />
        </div>
      )}
      {data?.length === 0 && (
        <p className="px-4 py-3 text-muted">
          No shell session is open; the next command opens one.
        </p>
      )}
      <ul className="divide-y divide-line">
        {data?.map((one) => (
          <li key={one.session} className="flex flex-wrap justify-between gap-x-4 px-4 py-2">
            <span className="min-w-0">
              <span className="font-medium">{one.session}</span>{" "}
              <span className="font-mono text-[0.8125rem] text-muted wrap-anywhere">{one.cwd}</span>
            </span>
            <span className="text-muted tabular-nums">
              {one.running} running{one.queued > 0 && `, ${one.queued} wait`}
              {one.last_call_at !== null && (
                <>
                  {" · "}
                  <Age at={one.last_call_at} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
