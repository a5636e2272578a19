import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../design/button.tsx";
import { Command } from "../design/command.tsx";
import { Failure } from "../design/failure.tsx";
import { PageHead } from "../design/page-head.tsx";
import { ShowMore } from "../design/show-more.tsx";
import { Choices } from "../list/choices.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { RowList } from "../list/row-list.tsx";
import { TextFilter } from "../list/text-filter.tsx";
import { type NodeFilter, SHOWN_STATUSES, wordOf } from "./node-filter.ts";
import { NodeRow } from "./node-row.tsx";
import { PairNodeDialog } from "./pair-node-dialog.tsx";
import { useNodes } from "./use-nodes.ts";

/** More are read on demand: the list is read anew as a whole when it may be old. */
const PAGE_NODES = 100;

const CHOICES = [
  { value: undefined, word: "All" },
  ...SHOWN_STATUSES.map((value) => ({ value, word: wordOf(value) })),
];

/** Paired machines, by name: which are there, since when, and what they are at. */
export function NodesPage({ filter }: { readonly filter: NodeFilter }) {
  const navigate = useNavigate();
  const [isPairing, setPairing] = useState(false);
  const [most, setMost] = useState(PAGE_NODES);
  const { query, refresh } = useNodes(filter, most);
  const { status, label } = filter;
  const show = (next: NodeFilter): void => void navigate({ to: "/nodes", search: next });
  return (
    <>
      <title>Nodes — Yardmaster</title>
      <PageHead
        title="Nodes"
        actions={
          <Button type="button" kind="primary" onClick={() => setPairing(true)}>
            Pair a node
          </Button>
        }
      />
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Choices
          label="Filter by status"
          choices={CHOICES}
          chosen={status}
          onChoose={(next) => show({ ...(label && { label }), ...(next && { status: next }) })}
        />
        <TextFilter
          label="Label"
          placeholder="Label: os=linux, gpu"
          value={label}
          className="sm:ml-auto sm:w-64 max-sm:w-full"
          onValue={(next) => show({ ...(status && { status }), ...(next && { label: next }) })}
        />
      </div>
      <NodesList
        filter={filter}
        query={query}
        onMore={() => setMost(most + PAGE_NODES)}
        key={`${status} ${label}`}
      />
      {isPairing && <PairNodeDialog onPaired={refresh} onClose={() => setPairing(false)} />}
    </>
  );
}

interface NodesListProps {
  readonly filter: NodeFilter;
  readonly query: ReturnType<typeof useNodes>["query"];
  onMore(): void;
}

function NodesList({ filter, query, onMore }: NodesListProps) {
  const { data, error, isPlaceholderData } = query;
  if (data?.items.length === 0) return <NoNodes filter={filter} />;
  return (
    <div className="mt-4">
      {data === undefined && error !== null && (
        <Failure error={error} to="read nodes" onRetry={() => void query.refetch()} />
      )}
      {data === undefined && error === null && <RowList label="Nodes" />}
      {data !== undefined && (
        <RowList label="Nodes, by name" isBusy={isPlaceholderData}>
          {data.items.map((node) => (
            <NodeRow key={node.id} node={node} />
          ))}
          {data.hasMore && <ShowMore of="the nodes" className="px-4 py-3" onMore={onMore} />}
        </RowList>
      )}
    </div>
  );
}

function NoNodes({ filter: { status, label } }: { readonly filter: NodeFilter }) {
  if (status !== undefined || label !== undefined)
    return (
      <EmptyList
        title={`No node ${status === undefined ? "" : `is ${wordOf(status).toLowerCase()}`}${label === undefined ? "" : ` with the label ${label}`}`}
      >
        One that fits appears here as soon as there is one.
      </EmptyList>
    );
  return (
    <EmptyList title="There are no nodes">
      <p>
        A node is a machine that dials in, and runs commands and steps. Pair one with the button
        above, or with
      </p>
      <Command>yard node pair NAME</Command>
    </EmptyList>
  );
}
