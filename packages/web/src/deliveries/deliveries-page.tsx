import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { buttonLook } from "../design/button.tsx";
import { Command } from "../design/command.tsx";
import { Failure } from "../design/failure.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { RowSkeletons } from "../list/row-skeletons.tsx";
import { TABS_LOOK, tabLook } from "../list/tabs.ts";
import { TextFilter } from "../list/text-filter.tsx";
import type { DeliveryPlace } from "./delivery-place.ts";
import { DeliveryRow } from "./delivery-row.tsx";
import { useDeliveries } from "./use-deliveries.ts";

/** What sources sent, as it arrived, newest first: also what became no event. */
export function DeliveriesPage({ place }: { readonly place: DeliveryPlace }) {
  const { problem, source } = place;
  const navigate = useNavigate();
  const search = { ...(problem && { problem }), ...(source !== undefined && { source }) };
  return (
    <>
      <title>Deliveries — Yardmaster</title>
      <nav aria-label="Breadcrumb" className="text-muted">
        <Link
          to="/events"
          activeOptions={{ exact: true }}
          className="hover:text-ink hover:underline"
        >
          Events
        </Link>
      </nav>
      <h1 className="mt-1.5 text-xl font-semibold tracking-tight">Deliveries</h1>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <nav aria-label="Filter by problem" className={TABS_LOOK}>
          {([undefined, true] as const).map((only) => (
            <Link
              key={String(only)}
              to="/deliveries"
              search={{ ...(source !== undefined && { source }), ...(only && { problem: only }) }}
              activeOptions={{ exact: true }}
              aria-current={only === problem ? "true" : undefined}
              className={tabLook(only === problem)}
            >
              {only ? "Refused" : "All"}
            </Link>
          ))}
        </nav>
        <TextFilter
          label="Source"
          value={source}
          className="sm:ml-auto sm:w-64 max-sm:w-full"
          onValue={(name) =>
            void navigate({
              to: "/deliveries",
              search: { ...(problem && { problem }), ...(name !== undefined && { source: name }) },
            })
          }
        />
      </div>
      <DeliveriesList place={place} search={search} />
    </>
  );
}

interface DeliveriesListProps {
  readonly place: DeliveryPlace;
  /** The place without its page. */
  readonly search: DeliveryPlace;
}

function DeliveriesList({ place, search }: DeliveriesListProps) {
  const { data, error, isPending, isPlaceholderData, refetch } = useDeliveries(place).query;
  if (data === undefined && error !== null)
    return (
      <div className="mt-4">
        <Failure error={error} to="read deliveries" onRetry={() => void refetch()} />
      </div>
    );
  const newest = place.before !== undefined && (
    <Link to="/deliveries" search={search} className="text-accent underline">
      Newest deliveries
    </Link>
  );
  if (data?.items.length === 0) return <NoDeliveries place={place}>{newest}</NoDeliveries>;
  return (
    <div className="mt-4 space-y-4">
      {newest && <p className="text-muted">These are older deliveries. {newest}</p>}
      <ol
        aria-label="Deliveries, newest first"
        aria-busy={isPending || isPlaceholderData}
        className={`overflow-hidden rounded-xl border border-line bg-card transition-opacity ${isPlaceholderData ? "opacity-60" : ""}`}
      >
        {data === undefined ? (
          <RowSkeletons />
        ) : (
          data.items.map((delivery) => <DeliveryRow key={delivery.id} delivery={delivery} />)
        )}
      </ol>
      {data?.next !== undefined && (
        <div className="text-center max-sm:text-left">
          <Link
            to="/deliveries"
            search={{ ...search, before: data.next }}
            className={buttonLook("plain")}
          >
            Older deliveries
          </Link>
        </div>
      )}
    </div>
  );
}

interface NoDeliveriesProps {
  readonly place: DeliveryPlace;
  readonly children: ReactNode;
}

function NoDeliveries({ place: { problem, source, before }, children }: NoDeliveriesProps) {
  if (before !== undefined)
    return <EmptyList title="There are no older deliveries">{children}</EmptyList>;
  if (problem || source !== undefined)
    return (
      <EmptyList title={problem ? "Nothing was refused" : `Nothing came from ${source}`}>
        What is not signed as its source says is not kept, and does not stand here.{" "}
        <Link to="/deliveries" className="text-accent underline">
          Show all deliveries
        </Link>
      </EmptyList>
    );
  return (
    <EmptyList title="Nothing has been delivered yet">
      <p>What sources send appears here as it arrives. These sources there are:</p>
      <Command>yard sources</Command>
    </EmptyList>
  );
}
