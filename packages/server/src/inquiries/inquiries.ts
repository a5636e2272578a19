import {
  AppError,
  type Explanation,
  type Inquiry,
  type InquiryStatus,
  isAppError,
  type Json,
} from "@yardmaster/protocol";
import type { Audit } from "../audit/index.ts";
import { type Engine, type InquiryKey, tellOpen } from "../engine/index.ts";
import { invalidCursor, type Page } from "../paging/index.ts";

export interface InquiriesDeps {
  readonly engine: Pick<
    Engine,
    "inquiry" | "inquiries" | "answer" | "isAnsweredUnder" | "isInFinally"
  >;
  readonly audit: Pick<Audit, "withRun">;
}

export interface InquiryQuery {
  readonly status?: InquiryStatus | undefined;
  readonly run?: string | undefined;
  readonly assigned_to?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Who answers. */
export interface Answerer {
  /** Name of the token. */
  readonly name: string;
  /** Of a request with an Idempotency-Key: carried out again, it finds by this that the answer is its own. */
  readonly claimId?: string | undefined;
}

export interface Inquiries {
  /** @throws AppError `invalid_cursor` */
  list(query: InquiryQuery): Promise<Page<Inquiry>>;
  /** @throws AppError `not_found` */
  get(id: string): Promise<Inquiry>;
  /** Why it is open, or how it ended. @throws AppError `not_found` */
  explain(id: string): Promise<Explanation>;
  /** @throws AppError `not_found`, `forbidden`, `conflict`, `invalid_input`, `too_large` */
  answer(id: string, answer: Json, by: Answerer): Promise<Inquiry>;
}

/** The questions of runs, for those who may read and answer them. */
export function createInquiries({ engine, audit }: InquiriesDeps): Inquiries {
  async function get(id: string): Promise<Inquiry> {
    const inquiry = await engine.inquiry(id);
    if (inquiry === undefined) throw new AppError("not_found", `there is no inquiry ${id}`);
    return inquiry;
  }

  /** Whether what came first is this very request: it was carried out before, and its reply was lost. */
  async function isOwn(
    id: string,
    { by, claimId }: { readonly by: string; readonly claimId: string },
    error: unknown,
  ): Promise<boolean> {
    if (!isAppError(error) || error.code !== "conflict") return false;
    if ((await get(id)).answered_by !== by) return false;
    return await engine.isAnsweredUnder(id, claimId);
  }

  return {
    get,

    list({ status, run, assigned_to: assignedTo, cursor, limit }) {
      const before = cursor === undefined ? undefined : readCursor(cursor);
      return engine.inquiries({ status, runId: run, assignedTo, limit, before });
    },

    async explain(id) {
      const inquiry = await get(id);
      const isStoppable = inquiry.status === "open" && !(await engine.isInFinally(id));
      return explained(inquiry, isStoppable);
    },

    async answer(id, answer, { name, claimId }) {
      const inquiry = await get(id);
      refuseOthers(inquiry, name);
      const by = `token:${name}`;
      const { part, kept } = audit.withRun({
        ...{ actor: by, action: "inquiry.answered", subject: "", phase: "event" },
        // What was answered stands in the inquiry; it may be a secret.
        details: { inquiry: id, run: inquiry.run_id, step: inquiry.step, attempt: inquiry.attempt },
      });
      try {
        const answered = await engine.answer(id, answer, { by, claim: claimId, part });
        kept();
        return answered;
      } catch (error) {
        if (claimId === undefined || !(await isOwn(id, { by, claimId }, error))) throw error;
        return await get(id);
      }
    },
  };
}

function refuseOthers({ id, assigned_to }: Inquiry, name: string): void {
  if (assigned_to === null || assigned_to.includes(name)) return;
  const whose = assigned_to.map((one) => `token ${one}`).join(", ");
  const detail = `inquiry ${id} is for ${whose} to answer, not for token ${name}`;
  const message = "names others";
  throw new AppError("forbidden", detail, {
    errors: [{ path: "/assigned_to", message, expected: assigned_to.join(", "), got: name }],
  });
}

function explained(inquiry: Inquiry, isStoppable: boolean): Explanation {
  const { id, status, run_id, ref, step, asked_at } = inquiry;
  const whose = `a question of run ${run_id}${ref === null ? "" : ` (${ref})`}`;
  if (status !== "open")
    return {
      ...{ id, status, summary: endOf(inquiry) },
      chain: [`${whose}, which step ${step} asked at ${asked_at}`, endOf(inquiry)],
      unblock: [],
    };
  const { chain, unblock } = tellOpen(inquiry);
  return {
    ...{ id, status, summary: "open: waits for an answer" },
    chain: [whose, ...chain, ...(isStoppable ? [] : [IN_FINALLY])],
    unblock: [...unblock, ...(isStoppable ? [`or stop its run: yard cancel ${run_id}`] : [])],
  };
}

const IN_FINALLY =
  "it is asked in finally, of which nothing is canceled: its run ends once this is over";

function endOf({ status, answered_by, ended_at, default: fallback }: Inquiry): string {
  switch (status) {
    case "answered":
      return `answered by ${answered_by} at ${ended_at}`;
    case "timed_out":
      return fallback === undefined
        ? `nobody answered in time: it ended at ${ended_at}`
        : `nobody answered in time: at ${ended_at} its default became the answer`;
    default:
      return `canceled at ${ended_at}: its run was stopped, or failed meanwhile`;
  }
}

/** As `keyOf` of the engine makes them. */
function readCursor(cursor: string): InquiryKey {
  const [, ms, id, step] = /^(\d{1,14})-([0-9a-f-]{36})-([^\0]+)$/.exec(cursor) ?? [];
  if (ms === undefined || id === undefined || step === undefined) return invalidCursor();
  return { asked_at: new Date(Number(ms)).toISOString(), step, id };
}
