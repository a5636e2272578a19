import { formatAge, formatDuration, formatSoFar } from "./format.ts";
import { useNow } from "./use-now.ts";

/** How long ago something was, kept up to date; the full time on hover. */
export function Age({ at }: { readonly at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {formatAge(Date.parse(at), now)}
    </time>
  );
}

interface LastedProps {
  readonly from: string;
  /** Null while it goes on. */
  readonly to: string | null;
}

/** How long something took, or has taken so far. */
export function Lasted({ from, to }: LastedProps) {
  return to === null ? (
    <LastedSoFar from={from} />
  ) : (
    formatDuration(Date.parse(to) - Date.parse(from))
  );
}

function LastedSoFar({ from }: { readonly from: string }) {
  return formatSoFar(useNow() - Date.parse(from));
}
