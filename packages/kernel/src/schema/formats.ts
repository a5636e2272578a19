import { parseDuration } from "@yardmaster/protocol";
import { parseTimestamp } from "./timestamp.ts";

/**
 * Formats with Yardmaster's meaning, over those of ajv-formats: a duration is `1h30m`, not ISO 8601's
 * `PT1H30M`, and a time is strict RFC 3339.
 */
export const OWN_FORMATS: { readonly [name: string]: (text: string) => boolean } = {
  duration: (text) => parseDuration(text) !== undefined,
  "date-time": (text) => parseTimestamp(text) !== undefined,
  timestamp: (text) => parseTimestamp(text) !== undefined,
};

export const FORMAT_EXAMPLES: { readonly [name: string]: string } = {
  duration: "a duration such as 1h30m, 45s or 500ms",
  "date-time": "an RFC 3339 time such as 2026-01-31T09:30:00Z",
  timestamp: "an RFC 3339 time such as 2026-01-31T09:30:00Z",
};

/** Of JSON Schema, but nothing is held to them. */
export const UNCHECKED_FORMATS = ["idn-email", "idn-hostname", "iri", "iri-reference"];
