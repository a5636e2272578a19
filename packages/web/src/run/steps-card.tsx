import type { UseQueryResult } from "@tanstack/react-query";
import type { Run, Step } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { useNow } from "../time/use-now.ts";
import { StepLines } from "./step-lines.tsx";
import { type Span, spanOf, ticksOf } from "./timeline.ts";

interface StepsCardProps {
  readonly run: Run;
  readonly steps: UseQueryResult<Step[]>;
  readonly slot: string | undefined;
  /** Chooses a step or item; undefined for none. */
  onSlot(slot: string | undefined): void;
}

/** The steps of a run as a tree, each with its stretch of time. */
export function StepsCard({ run, steps, slot, onSlot }: StepsCardProps) {
  return (
    <Card title="Steps">
      {steps.data !== undefined && (
        <Timeline run={run} steps={steps.data} slot={slot} onSlot={onSlot} />
      )}
      {steps.data === undefined && steps.error !== null && (
        <div className="p-4">
          <Notice tone="bad">{messageOf(steps.error)}</Notice>
        </div>
      )}
      {steps.isPending && (
        <div aria-hidden className="m-4 h-24 motion-safe:animate-pulse rounded bg-sunken" />
      )}
    </Card>
  );
}

interface TimelineProps extends Omit<StepsCardProps, "steps"> {
  readonly steps: readonly Step[];
}

function Timeline({ run, steps, slot, onSlot }: TimelineProps) {
  const now = useNow();
  const span = spanOf(run, steps, now);
  return (
    <>
      <Axis span={span} />
      <ol className="max-h-128 overflow-y-auto pb-2">
        {steps.map((step) => (
          <StepLines key={step.id} step={step} span={span} slot={slot} onSlot={onSlot} />
        ))}
      </ol>
    </>
  );
}

/** Moments since the start of the run, above the bars. */
function Axis({ span }: { readonly span: Span }) {
  return (
    <div aria-hidden className="flex px-4 pt-2 text-[0.6875rem] text-muted max-sm:hidden">
      <span className="w-58 shrink-0" />
      <div className="relative h-4 flex-1">
        {ticksOf(span)
          .filter(({ left }) => left < 0.93)
          .map(({ left, label }) => (
            <span
              key={label}
              className="absolute -translate-x-1/2 whitespace-nowrap"
              style={{ left: `${left * 100}%` }}
            >
              {label}
            </span>
          ))}
      </div>
      <span className="w-20 shrink-0" />
    </div>
  );
}
