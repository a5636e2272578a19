import { isJsonObject, type JsonObject } from "@yardmaster/protocol";

const MAX_SUBJECT_LENGTH = 300;
/** CloudEvents forbids them in attributes, and a text column holds no NUL. */
const CONTROL = /\p{Cc}/gu;

/**
 * What an event of a forge is about: the repository, and the number of its issue, pull request or discussion
 * (`mosaic/stack#161`); the organization where no repository is named.
 */
export function forgeSubject(body: JsonObject): string | null {
  const repository = textIn(body["repository"], "full_name");
  if (repository === undefined) return clean(textIn(body["organization"], "login"));
  const number = numberOf(body);
  return clean(number === undefined ? repository : `${repository}#${number}`);
}

/** The contract of the Mosaic coordinator: `action` and `issue_number` for what happens to an issue. */
export function issueReply(body: JsonObject): JsonObject {
  const number = isJsonObject(body["issue"]) ? numberOf(body) : undefined;
  if (number === undefined || typeof body["action"] !== "string") return {};
  return { action: body["action"], issue_number: number };
}

function textIn(holder: unknown, field: string): string | undefined {
  const text = isJsonObject(holder) ? holder[field] : undefined;
  return typeof text === "string" && text !== "" ? text : undefined;
}

function clean(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.replace(CONTROL, "\ufffd").slice(0, MAX_SUBJECT_LENGTH).toWellFormed();
}

function numberOf(body: JsonObject): number | undefined {
  for (const holder of [body["issue"], body["pull_request"], body["discussion"], body]) {
    if (isJsonObject(holder) && Number.isSafeInteger(holder["number"]))
      return holder["number"] as number;
  }
  return undefined;
}
