import { Code } from "../design/code.tsx";
import { Command } from "../design/command.tsx";
import { Failure } from "../design/failure.tsx";
import { PageHead } from "../design/page-head.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { RowList } from "../list/row-list.tsx";
import { PackRow } from "./pack-row.tsx";
import { ReloadButton } from "./reload-button.tsx";
import { usePacks } from "./use-packs.ts";

/** What is defined, pack by pack, and what is wrong with an edit that was not taken up. */
export function PacksPage() {
  const { query, refresh } = usePacks();
  return (
    <>
      <title>Packs — Yardmaster</title>
      <PageHead title="Packs" actions={<ReloadButton onReloaded={refresh} />} />
      <PacksList query={query} />
    </>
  );
}

function PacksList({ query }: { readonly query: ReturnType<typeof usePacks>["query"] }) {
  const { data, error } = query;
  if (data?.items.length === 0)
    return (
      <EmptyList title="There are no packs">
        <p>
          A pack is a folder of actions, workflows and rules, with a <Code>pack.yaml</Code>. The
          server is told their folders when it starts:
        </p>
        <Command>yard start --packs packs</Command>
      </EmptyList>
    );
  return (
    <div className="mt-4">
      {data === undefined && error !== null && (
        <Failure error={error} to="read packs" onRetry={() => void query.refetch()} />
      )}
      {data === undefined && error === null && <RowList label="Packs" />}
      {data !== undefined && (
        <RowList label="Packs, by name">
          {data.items.map((pack) => (
            <PackRow key={`${pack.pack} ${pack.folder}`} pack={pack} />
          ))}
        </RowList>
      )}
    </div>
  );
}
