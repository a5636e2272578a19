import {
  checkAnswer,
  checkDecision,
  type InquiryAnswered,
  parseSlotKey,
  stepOfSlot,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import { AppError, type Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { pageOf } from "../../paging/index.ts";
import type { Unit } from "../commit/flush.ts";
import type { DefinitionSource, Engine } from "../engine.types.ts";
import { definitionOf, isDefinitionMissing } from "../keeper/definition-of.ts";
import type { Keeper } from "../keeper/keeper.ts";
import {
  type InquiryKey,
  type InquiryRow,
  isAnsweredUnder,
  selectInquiries,
  selectInquiry,
} from "./inquiries.store.ts";
import { inquiryRecord } from "./inquiry-record.ts";

export interface InquiriesDeps {
  readonly pool: Pool;
  readonly definitions: DefinitionSource;
  readonly keeper: Pick<Keeper, "post">;
  readonly now: () => number;
}

/** The questions of runs: reading them, and bringing an answer to its run. */
export function createInquiries({
  pool,
  definitions,
  keeper,
  now,
}: InquiriesDeps): Pick<
  Engine,
  "inquiries" | "inquiry" | "answer" | "isAnsweredUnder" | "isInFinally"
> {
  async function found(id: string): Promise<InquiryRow> {
    const row = await selectInquiry(pool, id);
    if (row === undefined) throw new AppError("not_found", `there is no inquiry ${id}`);
    return row;
  }

  async function workflowOf(row: InquiryRow): Promise<WorkflowDefinition | undefined> {
    if (row.ref === null) return undefined;
    const stored = { ref: row.ref, packDigest: row.pack_digest };
    return await definitionOf(definitions, row.run_id, stored);
  }

  /** What a person says an action gave is held to what it declares: only the definition tells. */
  async function checkLost(row: InquiryRow, answer: Json): Promise<void> {
    if (row.question.about !== "lost") return;
    const workflow = await workflowOf(row);
    const step = workflow && stepOfSlot(workflow, row.slot);
    if (step !== undefined) checkDecision(step.action, answer);
  }

  return {
    async inquiry(id) {
      const row = await selectInquiry(pool, id);
      return row && inquiryRecord(row);
    },

    async inquiries({ limit, before, ...filter }) {
      const rows = await selectInquiries(pool, { ...filter, limit: limit + 1, before });
      return pageOf(rows.map(inquiryRecord), limit, keyOf);
    },

    /**
     * The advance of the run that takes the answer is the one write: guarded by the run's version, it comes before a
     * second answer, a timeout or a cancel, or after it, and then says so.
     */
    async answer(id, given, { by, claim, part }) {
      const row = await found(id);
      if (row.status !== "open") throw tooLate(row);
      const answer = checkAnswer(row.question.schema, given);
      await checkLost(row, answer);
      const { run_id: runId, slot, number } = row;
      const event: InquiryAnswered = {
        ...{ type: "inquiry_answered", slot, number, inquiry: id, answer, by, at: now() },
        ...(claim !== undefined && { claim }),
      };
      const posted = await keeper.post(runId, event, part as Unit["part"]);
      const after = await found(id);
      if (posted !== "applied") throw tooLate(after);
      return inquiryRecord(after);
    },

    async isInFinally(id) {
      const row = await found(id);
      const { step } = parseSlotKey(row.slot);
      try {
        const workflow = await workflowOf(row);
        return workflow?.finally?.some((one) => one.id === step) ?? false;
      } catch (error) {
        // A cancel ends a run whose definition nobody has, and asks for no `finally`.
        if (!isDefinitionMissing(error)) throw error;
        return false;
      }
    },

    isAnsweredUnder: (id, claim) => isAnsweredUnder(pool, id, claim),
  };
}

/** The cursor of the list: the place of its last row. */
export function keyOf({ asked_at, step, id }: InquiryKey): string {
  return `${Date.parse(asked_at)}-${id}-${step}`;
}

function tooLate({ id, status, ended_at, answered_by }: InquiryRow): AppError {
  const when = ended_at === null ? "" : ` at ${new Date(ended_at).toISOString()}`;
  switch (status) {
    case "answered":
      return new AppError("conflict", `inquiry ${id} was answered by ${answered_by}${when}`);
    case "timed_out":
      return new AppError("conflict", `inquiry ${id} was not answered in time: it ended${when}`);
    default:
      return new AppError(
        "conflict",
        `nobody need answer inquiry ${id} any more: its run was stopped, or has failed${when === "" ? "" : `,${when}`}`,
      );
  }
}
