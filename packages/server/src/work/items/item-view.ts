import type { WorkItem, WorkItemDetail } from "@yardmaster/protocol";
import type { TryRow } from "../work-row.ts";
import type { SeenItem } from "./items.store.ts";

/** An item as the API shows it. */
export function itemView(item: SeenItem): WorkItem {
  const { from, warnings, ...metadata } = item.metadata;
  return {
    ...{ id: item.id, tracker: item.tracker, project: item.project, number: item.number },
    ...{ title: item.title, url: item.url, author: item.author },
    ...{ status: item.status, ready: item.ready },
    ...{ reason_code: item.reason_code, reason: item.reason },
    ...{ priority: item.priority, attempts: item.attempts, next_try_at: item.next_try_at },
    ...{ run_id: item.run_id, event_id: item.event_id, retry_of: item.retry_of },
    issue_state: item.state,
    metadata: {
      ...metadata,
      blocks: [...metadata.blocks],
      blocked_by: [...metadata.blocked_by],
    },
    metadata_from: { ...from },
    warnings: [...warnings],
    ...{ created_at: item.created_at, updated_at: item.updated_at },
    finished_at: item.finished_at,
  };
}

export function itemDetail(item: SeenItem, tries: readonly TryRow[]): WorkItemDetail {
  return {
    ...itemView(item),
    body: item.body,
    tries: tries.map(({ number, run_id, status, message, started_at, ended_at }) => ({
      ...{ number, run_id, status, message, started_at, ended_at },
    })),
  };
}
