import { Link } from "@tanstack/react-router";
import type { Run, Step } from "@yardmaster/protocol";
import { isAppError } from "@yardmaster/protocol/core";
import { useState } from "react";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
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

/** One run: what it did and does, step by step, what it says, and why it is where it is. */
export function RunPage({ id }: { readonly id: string }) {
  const { run, steps, explanation, refresh } = useRun(id);
  const [slot, setSlot] = useState<string>();
  if (run.data === undefined)
    return run.error === null ? <Loading /> : <Failed error={run.error} />;
  return (
    <>
      <title>{`${run.data.ref} · ${STATUS_STYLES[run.data.status].word} — Yardmaster`}</title>
      <RunHeader run={run.data} onCanceled={refresh} />
      <div className="mt-5 grid items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          <StepsCard run={run.data} steps={steps} slot={slot} onSlot={setSlot} />
          <LogCard key={slot ?? ""} id={id} slot={slot} onAll={() => setSlot(undefined)} />
        </div>
        <div className="space-y-5">
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

function Loading() {
  return (
    <div aria-busy="true" className="space-y-5">
      <p className="sr-only">Loading</p>
      <div className="h-8 w-64 motion-safe:animate-pulse rounded-lg bg-sunken" />
      <div className="h-64 motion-safe:animate-pulse rounded-xl bg-sunken" />
    </div>
  );
}

function Failed({ error }: { readonly error: unknown }) {
  const isNone = isAppError(error) && ["not_found", "invalid_request"].includes(error.code);
  return (
    <div className="mx-auto max-w-lg space-y-4 py-16">
      <title>No run — Yardmaster</title>
      <h1 className="text-lg font-semibold">
        {isNone ? "There is no such run" : "This run cannot be shown"}
      </h1>
      <Notice tone={isNone ? "plain" : "bad"}>{messageOf(error)}</Notice>
      <Link to="/" className="text-accent underline">
        Show all runs
      </Link>
    </div>
  );
}
