import { type Connection, useConnection } from "../live/connection.ts";

const WORDS: Record<Connection, string> = {
  connecting: "Connecting",
  live: "Live",
  offline: "Offline",
  paused: "Paused",
  ended: "Ended",
};
const DOTS: Record<Connection, string> = {
  connecting: "bg-muted",
  live: "bg-good",
  offline: "bg-bad",
  paused: "bg-muted",
  ended: "bg-muted",
};

/** Whether what is shown follows what happens. */
export function LiveMark() {
  const connection = useConnection();
  return (
    <span role="status" className="flex items-center gap-2 px-2 text-muted">
      <span aria-hidden className={`size-2 rounded-full ${DOTS[connection]}`} />
      {/* A phone has no room for the longest beside the rest; that the server is gone is told below as well. */}
      <span className="max-sm:sr-only">{WORDS[connection]}</span>
    </span>
  );
}
