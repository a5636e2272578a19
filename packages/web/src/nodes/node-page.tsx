import { Notice } from "../design/notice.tsx";
import { PageHead } from "../design/page-head.tsx";
import { PageLoading } from "../design/page-loading.tsx";
import { Sentence } from "../design/sentence.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { Age } from "../time/moments.tsx";
import { ActsCard } from "./acts-card.tsx";
import { GrantsCard } from "./grants-card.tsx";
import { NodeActions } from "./node-actions.tsx";
import { NodeFactsCard } from "./node-facts-card.tsx";
import { SessionsCard } from "./sessions-card.tsx";
import { useNode } from "./use-node.ts";

/** One node: how it is and why, what it may, and what was done to it; and what can be done about it. */
export function NodePage({ name }: { readonly name: string }) {
  const { query, refresh } = useNode(name);
  if (query.data === undefined)
    return query.error === null ? (
      <PageLoading />
    ) : (
      <NotShown error={query.error} what="node" all="/nodes" />
    );
  const { node, acts, sessions } = query.data;
  return (
    <>
      <title>{`${node.name} · ${HOUSE_LOOKS[node.status].word} — Yardmaster`}</title>
      <PageHead
        title={node.name}
        within={{ to: "/nodes", word: "Nodes" }}
        beside={
          <>
            <span role="status">
              <Badge look={HOUSE_LOOKS[node.status]} />
            </span>
            <span className="text-muted">
              <Age at={node.since} />
            </span>
          </>
        }
        actions={node.status !== "revoked" && <NodeActions node={node} onChanged={refresh} />}
      >
        {node.reason !== null && (
          <div className="mt-3">
            <Notice tone={node.status === "disconnected" ? "bad" : "plain"}>
              <Sentence text={node.reason} />
            </Notice>
          </div>
        )}
      </PageHead>
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          <ActsCard acts={acts} />
          {sessions !== undefined && <SessionsCard sessions={sessions} />}
        </div>
        <div className="space-y-5">
          <NodeFactsCard node={node} />
          <GrantsCard node={node} />
        </div>
      </div>
    </>
  );
}
