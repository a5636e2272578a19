import { type AnyStatus, STATUS_STYLES } from "./status-style.ts";

interface StatusProps {
  readonly status: AnyStatus;
  readonly className?: string;
}

export function StatusIcon({ status, className = "" }: StatusProps) {
  const { icon, ink } = STATUS_STYLES[status];
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 fill-none stroke-current stroke-[1.8] ${ink} ${status === "running" ? "motion-safe:animate-spin" : ""} ${className}`}
    >
      <path d={icon} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** Status as a word with its shape and colour. */
export function StatusBadge({ status, className = "" }: StatusProps) {
  const { word, ink, soft } = STATUS_STYLES[status];
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full py-0.5 pr-2.5 pl-1.5 font-medium whitespace-nowrap ${soft} ${ink} ${className}`}
    >
      <StatusIcon status={status} className="size-3.5" />
      {word}
    </span>
  );
}
