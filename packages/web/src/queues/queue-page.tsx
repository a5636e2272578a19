import { Link } from "@tanstack/react-router";
import type { QueueDetail } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { PageHead } from "../design/page-head.tsx";
import { PageLoading } from "../design/page-loading.tsx";
import { ExplanationCard } from "../run/explanation-card.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { Ahead } from "../time/ahead-times.tsx";
import { HoldQueueButton } from "./hold-queue-button.tsx";
import { LinesCard } from "./lines-card.tsx";
import { limitWords, runningWords, waitingWords } from "./queue-words.ts";
import { RunningCard } from "./running-card.tsx";
import { useQueue } from "./use-queue.ts";
import { WaitingCard } from "./waiting-card.tsx";

/** One queue: what stands in line in it and what runs, and why it moves or does not. */
export function QueuePage({ name }: { readonly name: string }) {
  const { query, refresh } = useQueue(name);
  if (query.data === undefined)
    return query.error === null ? (
      <PageLoading />
    ) : (
      <NotShown error={query.error} what="queue" all="/queues" />
    );
  const { queue, explanation } = query.data;
  return (
    <>
      <title>{`${queue.name} · ${HOUSE_LOOKS[queue.status].word} — Yardmaster`}</title>
      <PageHead
        title={queue.name}
        within={{ to: "/queues", word: "Queues" }}
        beside={
          <>
            <span role="status">
              <Badge look={HOUSE_LOOKS[queue.status]} />
            </span>
            <span className="text-muted tabular-nums">
              {runningWords(queue)} · {waitingWords(queue)}
            </span>
          </>
        }
        actions={<HoldQueueButton queue={queue} onChanged={refresh} />}
      >
        {queue.description !== null && (
          <p className="mt-1.5 max-w-3xl text-muted wrap-anywhere">{queue.description}</p>
        )}
      </PageHead>
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          <WaitingCard queue={queue} />
          <RunningCard queue={queue} />
          {queue.lines.length > 0 && <LinesCard queue={queue} />}
        </div>
        <div className="space-y-5">
          <ExplanationCard explanation={explanation} />
          <LimitsCard queue={queue} />
        </div>
      </div>
    </>
  );
}

function LimitsCard({ queue }: { readonly queue: QueueDetail }) {
  const { pack, paused_by, next_start_at } = queue;
  const limits = limitWords(queue);
  return (
    <Card title="Limits">
      <Facts>
        <Fact name="At most">
          {limits.length === 0
            ? "No limits"
            : limits.map((limit) => (
                <span key={limit} className="block">
                  {limit}
                </span>
              ))}
        </Fact>
        {next_start_at !== null && (
          <Fact name="Next start">
            <Ahead at={next_start_at} />
          </Fact>
        )}
        {paused_by !== null && <Fact name="Paused by">{paused_by}</Fact>}
        <Fact name="Pack">
          {pack === null ? (
            "No active pack defines it any more"
          ) : (
            <Link to="/packs/$pack" params={{ pack }} className="text-accent underline">
              {pack}
            </Link>
          )}
        </Fact>
      </Facts>
      {pack !== null && (
        <p className="px-4 pb-3 text-muted">
          Limits stand in the pack, in <Code>queues/*.yaml</Code>; an edit there is taken up by
          itself.
        </p>
      )}
    </Card>
  );
}
