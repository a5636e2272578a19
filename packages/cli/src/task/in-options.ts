import { AppError, isAppError } from "@yardmaster/protocol/core";
import type { SaidOptions } from "./said.ts";

const OPTIONS: { readonly [field: string]: string } = {
  timezone: "--timezone",
  dtstart: "--dtstart",
  ends_at: "--ends-at",
  "payload/workflow": "--run",
  "payload/input": "--input",
  dst_gap: "--dst-gap",
  dst_overlap: "--dst-overlap",
  misfire_policy: "--misfire",
  misfire_grace_seconds: "--misfire-grace",
  catchup_limit: "--catchup-limit",
  allow_past: "--allow-past",
  description: "--description",
};

/** What the API says of its fields, said of the options that gave them. Rejects with it. */
export function inOptions(options: SaidOptions): (error: unknown) => never {
  const form = (["cron", "rrule", "every", "at", "manual"] as const).find(
    (one) => options[one] !== undefined,
  );
  const names: typeof OPTIONS = {
    ...OPTIONS,
    ...(form && { schedule_expr: `--${form}`, schedule_kind: `--${form}` }),
    ...(options.title !== undefined && { title: "--title" }),
  };
  const said = (text: string): string =>
    Object.entries(names)
      .reduce((told, [field, option]) => told.replaceAll(`/${field}`, option), text)
      .replace("allow_past: true", "--allow-past")
      .replace(/^(\w+) has no effect with schedule_kind \w+/, `has no effect with --${form}`);
  return (error) => {
    if (!isAppError(error)) throw error;
    throw new AppError(error.code, said(error.message), {
      cause: error,
      errors: error.errors.map((one) => ({
        ...one,
        path: said(one.path),
        message: said(one.message),
        ...(one.hint === undefined ? {} : { hint: said(one.hint) }),
      })),
    });
  };
}
