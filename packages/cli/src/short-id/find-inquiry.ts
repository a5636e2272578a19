import { AppError, isUuid } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { printable } from "../output/printable.ts";
import { type Candidate, isPartOf, onlyOf } from "./find-id.ts";

/** Questions of which a part of an id may be, those asked last. */
const MOST_READ = 1_000;

/**
 * The id of the one question that is meant by an id, or by some digits of its beginning or its end.
 * @throws AppError `not_found`; `invalid_request` where several are meant, which it lists
 */
export async function findInquiryId(client: Client, given: string): Promise<string> {
  if (isUuid(given.toLowerCase())) return given;
  const candidates: Candidate[] = [];
  for await (const { id, status, title, prompt } of client.inquiries.list({ limit: MOST_READ }))
    if (isPartOf(given, id))
      candidates.push({ id, about: `${status}: ${printable(title ?? prompt).slice(0, 80)}` });
  const only = onlyOf(given, candidates);
  if (only !== undefined) return only;
  const detail = `"${printable(given)}" is no inquiry, nor a part of the id of one of the newest ${MOST_READ}: yard inquiries lists them`;
  throw new AppError("not_found", detail);
}
