import type { Run, YardEvent } from "@yardmaster/protocol";
import {
  AppError,
  idDigits,
  isUuid,
  MAX_ENDINGS_READ,
  MIN_ID_DIGITS,
} from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { printable } from "../output/printable.ts";
import { relativeTime } from "../output/time.ts";

/** What a part of an id may mean. */
export interface Candidate {
  readonly id: string;
  /** What tells it from the others: what it is, how it stands, its age. */
  readonly about: string;
}

type Kind = "run" | "event";

/** Who sees so many gives more of the id. */
const MAX_TOLD = 10;

/**
 * The id of the one run that is meant by an id, or by some digits of its beginning or its end. A whole id is taken as
 * it is, without a question to the server, which will say whether it is there.
 * @throws AppError `not_found`; `invalid_request` where several are meant, which it lists, or where it is no id
 */
export function findRunId(client: Client, given: string, nowMs: number): Promise<string> {
  return findId(client, "run", given, nowMs);
}

/** The same of an event. */
export function findEventId(client: Client, given: string, nowMs: number): Promise<string> {
  return findId(client, "event", given, nowMs);
}

async function findId(client: Client, kind: Kind, given: string, nowMs: number): Promise<string> {
  if (isUuid(given.toLowerCase())) return given;
  if (idDigits(given) === undefined) throw noId(kind, given);
  const only = onlyOf(given, await candidatesOf(client, [kind], given, nowMs));
  if (only !== undefined) return only;
  const detail = `No ${kind} has an id that begins with ${given}, and none of the newest ${MAX_ENDINGS_READ} one that ends so`;
  throw new AppError("not_found", detail);
}

function noId(kind: Kind, given: string): AppError {
  const what = kind === "run" ? "a run" : "an event";
  const wanted = `at least ${MIN_ID_DIGITS} digits (0-9, a-f) of its beginning or its end`;
  const detail = `"${printable(given)}" is no id of ${what}: give it whole, or ${wanted}`;
  return new AppError("invalid_request", detail);
}

/** The runs and events that a part of an id may mean. Of a text that is none, nothing. */
export async function candidatesOf(
  client: Client,
  kinds: readonly Kind[],
  given: string,
  nowMs: number,
): Promise<Candidate[]> {
  const digits = idDigits(given);
  if (digits === undefined) return [];
  const limit = MAX_TOLD + 1;
  const parts = [
    { id_prefix: digits, limit },
    { id_suffix: digits, limit },
  ];
  const found = await Promise.all(
    parts.flatMap((part) => [
      ...(kinds.includes("run") ? [runsOf(client, part, nowMs)] : []),
      ...(kinds.includes("event") ? [eventsOf(client, part, nowMs)] : []),
    ]),
  );
  return [...new Map(found.flat().map((one) => [one.id, one])).values()];
}

/** The id begins or ends so. */
export function isPartOf(given: string, id: string): boolean {
  const digits = idDigits(given);
  const whole = id.replaceAll("-", "");
  return digits !== undefined && (whole.startsWith(digits) || whole.endsWith(digits));
}

/** @throws AppError `invalid_request` where there are several, which it lists */
export function onlyOf(given: string, candidates: readonly Candidate[]): string | undefined {
  if (candidates.length < 2) return candidates[0]?.id;
  const errors = candidates
    .slice(0, MAX_TOLD)
    .map(({ id, about }) => ({ path: id, message: about }));
  const many = candidates.length > MAX_TOLD ? `, more than ${MAX_TOLD} of them` : "";
  const detail = `"${given}" may mean several${many}: give more of the id`;
  throw new AppError("invalid_request", detail, { errors });
}

type Part = { readonly limit: number } & (
  | { readonly id_prefix: string }
  | { readonly id_suffix: string }
);

async function runsOf({ runs }: Client, part: Part, nowMs: number): Promise<Candidate[]> {
  const about = ({ ref, status, created_at }: Run): string =>
    `${printable(ref)}, ${status.replace("_", " ")}, ${relativeTime(created_at, nowMs)}`;
  const found: Candidate[] = [];
  for await (const run of runs.list({ ...part, payloads: "false" }))
    found.push({ id: run.id, about: about(run) });
  return found;
}

async function eventsOf({ events }: Client, part: Part, nowMs: number): Promise<Candidate[]> {
  const about = ({ type, source, received_at }: YardEvent): string =>
    `${printable(type)} from ${printable(source)}, ${relativeTime(received_at, nowMs)}`;
  const found: Candidate[] = [];
  for await (const event of events.list(part)) found.push({ id: event.id, about: about(event) });
  return found;
}
