import { formatAhead, formatZoned, knownZone } from "./ahead.ts";
import { useNow } from "./use-now.ts";

/** How soon something is, kept up to date; the full time on hover. */
export function Ahead({ at }: { readonly at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {formatAhead(Date.parse(at), now)}
    </time>
  );
}

interface ZonedProps {
  readonly at: string;
  readonly zone: string;
  /** Whether the zone is named behind it. */
  readonly hasZone?: boolean;
}

/** What the clock of a zone shows then; the reader's own time on hover. */
export function Zoned({ at, zone, hasZone = false }: ZonedProps) {
  return (
    <time dateTime={at} title={`${new Date(at).toLocaleString()} here`}>
      {formatZoned(Date.parse(at), zone)}
      {hasZone && <span className="text-muted"> {knownZone(zone)}</span>}
    </time>
  );
}
