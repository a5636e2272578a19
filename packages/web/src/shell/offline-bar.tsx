import { useConnection } from "../live/connection.ts";

/** Says that the server is out of reach, and what that means for what is on the page. */
export function OfflineBar() {
  if (useConnection() !== "offline") return null;
  return (
    <p role="alert" className="border-t border-line bg-warn-soft px-4 py-2 text-center text-warn">
      The server is out of reach. What you see may be old; it is brought up to date as soon as the
      server answers.
    </p>
  );
}
