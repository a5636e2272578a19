import { Badge, LookIcon } from "./badge.tsx";
import { type AnyStatus, STATUS_STYLES } from "./status-style.ts";

interface StatusProps {
  readonly status: AnyStatus;
  readonly className?: string;
}

export function StatusIcon({ status, className = "" }: StatusProps) {
  return (
    <LookIcon look={STATUS_STYLES[status]} className={`${turning(status)} ${className}`.trim()} />
  );
}

/** Status as a word with its shape and colour. */
export function StatusBadge({ status, className = "" }: StatusProps) {
  return (
    <Badge look={STATUS_STYLES[status]} className={className} iconClassName={turning(status)} />
  );
}

function turning(status: AnyStatus): string {
  return status === "running" ? "motion-safe:animate-spin" : "";
}
