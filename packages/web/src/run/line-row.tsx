import { StatusIcon } from "../status/status-badge.tsx";
import { STATUS_STYLES } from "../status/status-style.ts";
import { Lasted } from "../time/moments.tsx";
import type { Bar, Line } from "./timeline.ts";

interface LineRowProps {
  readonly line: Line;
  readonly note: string;
  readonly isChosen: boolean;
  /** It is an item or round, below its step. */
  readonly isPart?: boolean;
  onChoose(slot: string): void;
  /** Given where there is something to unfold. */
  readonly fold?: Fold;
}

interface Fold {
  /** For people: what is below the line. */
  readonly label: string;
  readonly isOpen: boolean;
  onToggle(): void;
}

export function LineRow({ line, note, isChosen, isPart, onChoose, fold }: LineRowProps) {
  const { word } = STATUS_STYLES[line.status];
  return (
    <div className="relative flex items-stretch">
      {fold !== undefined && <FoldButton {...fold} />}
      <button
        type="button"
        aria-pressed={isChosen}
        onClick={() => onChoose(line.slot)}
        className={`flex min-w-0 flex-1 flex-wrap items-center gap-y-1 px-4 text-left focus-visible:-outline-offset-2 sm:flex-nowrap ${isPart ? "py-0.5" : "py-1.5"} ${isChosen ? "bg-accent-soft" : "hover:bg-hover"}`}
      >
        <span
          className={`flex w-58 min-w-0 shrink-0 items-center gap-2 pr-3 max-sm:w-auto max-sm:flex-1 ${isPart ? "pl-6" : "pl-2"}`}
        >
          <StatusIcon status={line.status} />
          <span className="min-w-0">
            <span className={`block truncate ${isPart ? "text-muted" : "font-medium"}`}>
              {isPart ? line.slot.slice(line.slot.indexOf("#")) : line.slot}
              <span className="sr-only">{`, ${word}`}</span>
            </span>
            {note !== "" && (
              <span title={note} className="block truncate text-xs text-muted">
                {note}
              </span>
            )}
          </span>
        </span>
        <Bars line={line} />
        <span className="w-20 shrink-0 text-right text-[0.8125rem] text-muted tabular-nums max-sm:order-1 max-sm:w-auto">
          {line.startedAt === null ? (
            line.status === "skipped" ? (
              "skipped"
            ) : (
              "–"
            )
          ) : (
            <Lasted from={line.startedAt} to={line.finishedAt} />
          )}
        </span>
      </button>
    </div>
  );
}

function FoldButton({ label, isOpen, onToggle }: Fold) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-label={label}
      onClick={onToggle}
      className="absolute top-1/2 left-0.5 z-1 -translate-y-1/2 rounded p-1 text-muted hover:text-ink max-sm:top-5"
    >
      <svg
        viewBox="0 0 16 16"
        aria-hidden="true"
        className={`size-3 fill-none stroke-current stroke-2 motion-safe:transition-transform ${isOpen ? "rotate-90" : ""}`}
      >
        <path d="m6 3 5 5-5 5" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    </button>
  );
}

/** The stretch of a step in the time of its run, in light colour, and on it its attempts. */
function Bars({ line: { whole, attempts } }: { readonly line: Line }) {
  const hasAttempts = attempts.length > 0;
  return (
    <span className="relative block h-3.5 flex-1 max-sm:order-2 max-sm:h-1.5 max-sm:basis-full">
      {whole !== undefined && <BarMark bar={whole} look={hasAttempts ? "soft" : "solid"} />}
      {attempts.map((bar) => (
        <BarMark key={bar.label} bar={bar} look="solid" />
      ))}
    </span>
  );
}

function BarMark({ bar, look }: { readonly bar: Bar; readonly look: "soft" | "solid" }) {
  const { soft, bar: solid } = STATUS_STYLES[bar.status];
  return (
    <span
      title={bar.label}
      // All move alike while the span of the run grows, once a second.
      className={`absolute inset-y-0 min-w-[3px] rounded-[3px] motion-safe:transition-[left,width] motion-safe:duration-1000 motion-safe:ease-linear ${look === "soft" ? soft : solid}`}
      // Set by script, which a content security policy without inline styles allows.
      style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
    />
  );
}
