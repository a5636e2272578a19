import { z } from "zod";
import { formatSize, parseSize } from "./size.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** In bytes. */
export interface Limits {
  /** Of a request to the API. */
  readonly bodyBytes: number;
  readonly webhookBodyBytes: number;
  /** The input of a run and the output of a step, as JSON. */
  readonly inlineBytes: number;
  /** Logged of stdout and of stderr each, of an attempt. */
  readonly logBytes: number;
}

interface Range {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

/** A size within a range, which its description names. */
export function size(about: string, { least, usual, most }: Range) {
  const range = `from ${formatSize(least)} to ${formatSize(most)}`;
  return z
    .string({ error: "must be a size with its unit, such as 512KiB or 25MiB" })
    .transform((text, context) => {
      const bytes = parseSize(text);
      if (bytes !== undefined && bytes >= least && bytes <= most) return bytes;
      const message =
        bytes === undefined
          ? `"${text}" is no size; write it like 512KiB or 25MiB`
          : `must be ${range}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .default(usual)
    .meta({ description: `${about}, ${range}.`, unit: "bytes" });
}

/** The largest are what one statement carries to PostgreSQL, and a few at once in memory, without harm. */
export const LIMIT_SETTINGS = {
  YARD_MAX_BODY: size("Largest body of a request to the API", {
    ...{ least: 64 * KIB, usual: 10 * MIB, most: 64 * MIB },
  }),
  YARD_MAX_WEBHOOK_BODY: size("Largest body of a webhook", {
    ...{ least: 64 * KIB, usual: 25 * MIB, most: 64 * MIB },
  }),
  YARD_MAX_INLINE: size("Largest input of a run and output of a step, as JSON", {
    ...{ least: 16 * KIB, usual: MIB, most: 8 * MIB },
  }),
  YARD_MAX_LOG: size("Kept in the log of stdout and of stderr each, of an attempt", {
    ...{ least: 16 * KIB, usual: 10 * MIB, most: 1_024 * MIB },
  }),
} as const;

type Read = { readonly [N in keyof typeof LIMIT_SETTINGS]: number };

export function limitsOf(read: Read): Limits {
  return {
    bodyBytes: read.YARD_MAX_BODY,
    webhookBodyBytes: read.YARD_MAX_WEBHOOK_BODY,
    inlineBytes: read.YARD_MAX_INLINE,
    logBytes: read.YARD_MAX_LOG,
  };
}

/** What is wrong where stdout would be cut before it is as large as an output may be. */
export function limitsFlaw({
  YARD_MAX_INLINE: inline,
  YARD_MAX_LOG: log,
}: Partial<Read>): { readonly path: string; readonly message: string } | undefined {
  if (inline === undefined || log === undefined || log >= inline) return undefined;
  const message = `must be at least YARD_MAX_INLINE (${formatSize(inline)}): what is not kept of stdout cannot be an output`;
  return { path: "YARD_MAX_LOG", message };
}
