import type { Log } from "../../log.ts";

/** As many as tell what is wrong; a server can send thousands in a second. */
const TOLD_MOST = 20;

/** What the log has of a server's errors in one session: the first ones, so that nobody fills a disk with them. */
export function createComplaints(log: Log): (message: string) => void {
  let told = 0;
  return (message) => {
    told += 1;
    if (told <= TOLD_MOST) log("warn", message);
    if (told === TOLD_MOST) log("warn", "further ones like these are not told in this session");
  };
}
