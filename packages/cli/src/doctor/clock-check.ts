import type { Check } from "@yardmaster/protocol";

/** The answer's way is in the difference too. */
const SKEW_MS = 5_000;

/** `aheadMs`: how much the server's clock is ahead of this machine's. */
export function clockCheck(aheadMs: number): Check {
  const check = "server.clock";
  if (Math.abs(aheadMs) < SKEW_MS)
    return { check, status: "ok", summary: "its clock agrees with ours", advice: null };
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const summary = `its clock is ${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} ours`;
  return {
    check,
    status: "warn",
    summary,
    advice: "let both machines follow the same time server (NTP)",
  };
}
