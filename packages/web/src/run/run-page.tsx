import { useNavigate } from "@tanstack/react-router";
import type { Run, Step } from "@yardmaster/protocol";
import { PageLoading } from "../design/page-loading.tsx";
import { QuestionsCards } from "../questions/questions-cards.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { STATUS_STYLES } from "../status/status-style.ts";
import { ExplanationCard } from "./explanation-card.tsx";
import { FactsCard } from "./facts-card.tsx";
import { FilesCard } from "./files/files-card.tsx";
import { LogCard } from "./log-card.tsx";
import { ResultCards } from "./result-cards.tsx";
import { RunHeader } from "./run-header.tsx";
import { findSlot } from "./slots.ts";
import { StepsCard } from "./steps-card.tsx";
import { useRun } from "./use-run.ts";

interface RunPageProps {
  readonly id: string;
  /** The step, or part of one, that is looked at. */
  readonly slot: string | undefined;
}

/** One run: what it did and does, step by step, what it says, and why it is where it is. */
export function RunPage({ id, slot }: RunPageProps) {
  const { run, steps, explanation, inquiries, refresh } = useRun(id);
  const navigate = useNavigate();
  /** In the address, so that a reload and a link show the same; the way back is still that to where the reader came from. */
  function choose(step: string | undefined): void {
    const search = step === undefined ? {} : { step };
    void navigate({ to: "/runs/$id", params: { id }, search, replace: true, resetScroll: false });
  }
  if (run.data === undefined)
    return run.error === null ? <PageLoading /> : <NotShown error={run.error} what="run" all="/" />;
  return (
    <>
      <title>{`${run.data.ref} · ${STATUS_STYLES[run.data.status].word} — Yardmaster`}</title>
      <RunHeader run={run.data} onChanged={refresh} />
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          <StepsCard run={run.data} steps={steps} slot={slot} onSlot={choose} />
          <LogCard
            key={slot ?? ""}
            id={id}
            slot={slot}
            isOver={run.data.finished_at !== null}
            onAll={() => choose(undefined)}
          />
        </div>
        <div className="space-y-5">
          <QuestionsCards inquiries={inquiries.data ?? []} onAnswered={refresh} />
          <Aside run={run.data} steps={steps.data} slot={slot} />
          <ExplanationCard explanation={explanation} />
          <FactsCard run={run.data} />
        </div>
      </div>
    </>
  );
}

interface AsideProps {
  readonly run: Run;
  readonly steps: readonly Step[] | undefined;
  readonly slot: string | undefined;
}

/** Input, result and files of what is chosen: a step, an item of one; else those of the run, whose files its steps have. */
function Aside({ run, steps, slot }: AsideProps) {
  const chosen = slot === undefined ? undefined : findSlot(steps ?? [], slot);
  if (slot === undefined || chosen === undefined)
    return <ResultCards of="the run" input={run.input} output={run.output} error={run.error} />;
  const { files, ...values } = chosen;
  return (
    <>
      <ResultCards of={slot} {...values} />
      {files.length > 0 && <FilesCard key={slot} id={run.id} of={slot} files={files} />}
    </>
  );
}
