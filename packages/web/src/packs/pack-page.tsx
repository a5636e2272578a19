import type { Pack } from "@yardmaster/protocol";
import { useState } from "react";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { PageHead } from "../design/page-head.tsx";
import { PageLoading } from "../design/page-loading.tsx";
import { StartRunDialog } from "../runs/start-run-dialog.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { Age } from "../time/moments.tsx";
import { ActionsCard, WorkflowsCard } from "./callables-cards.tsx";
import { FlawsCard } from "./flaws-card.tsx";
import { QueuesCard, RulesCard, SensorsCard, TasksCard } from "./listeners-cards.tsx";
import { contentWords } from "./pack-words.ts";
import { usePack } from "./use-pack.ts";

/** One pack: what it defines, to be started from here, and what is wrong with an edit of it. */
export function PackPage({ name }: { readonly name: string }) {
  const { query } = usePack(name);
  const [starting, setStarting] = useState<string>();
  if (query.data === undefined)
    return query.error === null ? (
      <PageLoading />
    ) : (
      <NotShown error={query.error} what="pack" all="/packs" />
    );
  const { pack, actions, workflows, rules, tasks, sensors } = query.data;
  return (
    <>
      <title>{`${pack.pack} — Yardmaster`}</title>
      <PageHead
        title={pack.pack}
        within={{ to: "/packs", word: "Packs" }}
        beside={
          <>
            {pack.version !== "" && <span className="text-muted">{pack.version}</span>}
            <span role="status">
              <Badge look={HOUSE_LOOKS[pack.status]} />
            </span>
            {pack.digest !== null && <span className="text-muted">{contentWords(pack)}</span>}
          </>
        }
      />
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          {pack.errors.length > 0 && <FlawsCard pack={pack} />}
          <WorkflowsCard of={workflows} onStart={setStarting} />
          <ActionsCard of={actions} onStart={setStarting} />
        </div>
        <div className="space-y-5">
          <PackFactsCard pack={pack} />
          <RulesCard rules={rules} />
          <TasksCard tasks={tasks} />
          <SensorsCard sensors={sensors} />
          <QueuesCard queues={pack.queues} />
        </div>
      </div>
      {starting !== undefined && (
        <StartRunDialog firstRef={starting} onClose={() => setStarting(undefined)} />
      )}
    </>
  );
}

function PackFactsCard({ pack }: { readonly pack: Pack }) {
  const { folder, digest, loaded_at, sources, agents } = pack;
  return (
    <Card
      title="Details"
      aside={digest !== null && <CopyButton text={digest} label="Copy the digest" />}
    >
      <Facts>
        <Fact name="Folder">{folder}</Fact>
        {digest !== null && (
          <Fact name="Digest">
            <Code>{digest}</Code>
          </Fact>
        )}
        {loaded_at !== null && (
          <Fact name="Loaded">
            <Age at={loaded_at} />
          </Fact>
        )}
        {sources.length > 0 && <Fact name="Sources">{sources.join(", ")}</Fact>}
        {agents.length > 0 && <Fact name="Agents">{agents.join(", ")}</Fact>}
      </Facts>
    </Card>
  );
}
