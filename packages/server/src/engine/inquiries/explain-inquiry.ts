import type { Inquiry } from "@yardmaster/protocol";

/** Of an open question: who may answer, until when, and how. */
export interface InquiryTold {
  readonly chain: readonly string[];
  readonly unblock: readonly string[];
}

/** So much of a prompt stands in a sentence. */
const PROMPT_CHARS = 200;

/** `run` is the one that is told of; the question may be of one that is its step. */
export function tellOpen(inquiry: Inquiry, run: string = inquiry.run_id): InquiryTold {
  const { id, step, attempt } = inquiry;
  const of = inquiry.run_id === run ? "" : ` of run ${inquiry.run_id}`;
  const what =
    inquiry.about === "lost"
      ? `attempt ${attempt - 1} was lost with its worker, and a person decides what follows`
      : `waits for an answer to "${shortened(inquiry.title ?? inquiry.prompt)}"`;
  return {
    chain: [
      `step ${step}${of}: ${what} (inquiry ${id}, asked at ${inquiry.asked_at})`,
      whoMay(inquiry),
    ],
    unblock: [`answer it: yard inquiries answer ${id}${fieldsOf(inquiry)}`],
  };
}

function whoMay({ assigned_to, expires_at, default: fallback }: Inquiry): string {
  const who =
    assigned_to === null
      ? "every token with the scope inquiries:answer may answer"
      : `only ${assigned_to.map((name) => `token ${name}`).join(", ")} may answer`;
  if (expires_at === null) return `${who}, for as long as the run waits`;
  const then =
    fallback === undefined
      ? "then the step times out"
      : `then the answer is ${shortened(JSON.stringify(fallback))}`;
  return `${who}, until ${expires_at}; ${then}`;
}

/** ` ok=… [note=…]`, as the command takes them: those in brackets may be left out. */
function fieldsOf({ schema }: Inquiry): string {
  const { properties = {}, required = [] } = (schema ?? {}) as AnswerFields;
  return Object.keys(properties)
    .slice(0, 8)
    .map((name) => (required.includes(name) ? ` ${name}=…` : ` [${name}=…]`))
    .join("");
}

interface AnswerFields {
  readonly properties?: object;
  readonly required?: readonly string[];
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= PROMPT_CHARS ? line : `${line.slice(0, PROMPT_CHARS - 1)}…`;
}
