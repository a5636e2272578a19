import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Code } from "../design/code.tsx";
import { Failure } from "../design/failure.tsx";
import { PageHead } from "../design/page-head.tsx";
import { ShowMore } from "../design/show-more.tsx";
import { Choices } from "../list/choices.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { RowList } from "../list/row-list.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { type QueueFilter, SHOWN_STATUSES } from "./queue-filter.ts";
import { QueueRow } from "./queue-row.tsx";
import { useQueues } from "./use-queues.ts";

/** More are read on demand: the list is read anew as a whole when it may be old. */
const PAGE_QUEUES = 100;

const CHOICES = [
  { value: undefined, word: "All" },
  ...SHOWN_STATUSES.map((value) => ({ value, word: HOUSE_LOOKS[value].word })),
];

/** Lanes of admission, by name: what waits and runs in each, and what holds it back. */
export function QueuesPage({ filter }: { readonly filter: QueueFilter }) {
  const navigate = useNavigate();
  return (
    <>
      <title>Queues — Yardmaster</title>
      <PageHead title="Queues" />
      <div className="mt-4">
        <Choices
          label="Filter by status"
          choices={CHOICES}
          chosen={filter.status}
          onChoose={(status) => void navigate({ to: "/queues", search: status ? { status } : {} })}
        />
      </div>
      <QueuesList key={filter.status ?? ""} filter={filter} />
    </>
  );
}

function QueuesList({ filter }: { readonly filter: QueueFilter }) {
  const [most, setMost] = useState(PAGE_QUEUES);
  const { query } = useQueues(filter, most);
  const { data, error, isPlaceholderData } = query;
  if (data?.items.length === 0) return <NoQueues filter={filter} />;
  return (
    <div className="mt-4">
      {data === undefined && error !== null && (
        <Failure error={error} to="read queues" onRetry={() => void query.refetch()} />
      )}
      {data === undefined && error === null && <RowList label="Queues" />}
      {data !== undefined && (
        <RowList label="Queues, by name" isBusy={isPlaceholderData}>
          {data.items.map((queue) => (
            <QueueRow key={queue.name} queue={queue} />
          ))}
          {data.hasMore && (
            <ShowMore
              of="the queues"
              className="px-4 py-3"
              onMore={() => setMost(most + PAGE_QUEUES)}
            />
          )}
        </RowList>
      )}
    </div>
  );
}

function NoQueues({ filter: { status } }: { readonly filter: QueueFilter }) {
  if (status !== undefined)
    return (
      <EmptyList title={`No queue is ${HOUSE_LOOKS[status].word.toLowerCase()}`}>
        One appears here as soon as there is one.
      </EmptyList>
    );
  return (
    <EmptyList title="There are no queues">
      A queue says how much of something runs at once, and in which order. A pack defines them in{" "}
      <Code>queues/*.yaml</Code>, and an action or a step names one: <Code>queue: NAME</Code>.
    </EmptyList>
  );
}
