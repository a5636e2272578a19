import { formatTimestamp, parseTimestamp } from "@yardmaster/kernel";
import { formatDuration, parseDuration } from "@yardmaster/protocol";
import { type FuzzTarget, must } from "../target.ts";

/** Durations and times as people write them: what was read comes back from what it is written as. */
export const durationTarget: FuzzTarget = {
  name: "duration",
  seeds: [
    "1h30m",
    "500ms",
    "0",
    "0.5s",
    "2w3d",
    "2026-01-31T09:30:00.123Z",
    "2024-02-29T23:59:59+05:30",
  ],
  words: [
    "ms",
    "s",
    "m",
    "h",
    "d",
    "w",
    ".",
    "-",
    "+",
    "T",
    "Z",
    ":",
    "e",
    "24:00",
    "0000-",
    "9999-12-31",
    "-00:00",
  ],
  run(input) {
    const text = input.toString("utf8");
    const ms = parseDuration(text);
    if (ms !== undefined) {
      must(Number.isSafeInteger(ms) && ms >= 0, "milliseconds", ms);
      const again = parseDuration(formatDuration(ms));
      must(again === ms, "a duration does not come back", text, ms, formatDuration(ms), again);
    }
    const at = parseTimestamp(text);
    if (at !== undefined) {
      const back = parseTimestamp(formatTimestamp(at));
      must(back === at, "a time does not come back", text, at, formatTimestamp(at), back);
    }
    return `${ms === undefined ? "-" : String(ms).length} ${at === undefined ? "-" : String(at).length}`;
  },
};
