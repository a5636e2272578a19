import type { Inquiry } from "@yardmaster/protocol";
import { AppError, INQUIRY_STATUSES, type InquiryStatus } from "@yardmaster/protocol/core";
import { Option } from "commander";
import { act, type Define, defaultList } from "../command.ts";
import { readAnswer } from "../inquiry/read-answer.ts";
import { inquiryRow, showInquiry } from "../inquiry/show.ts";
import { printable } from "../output/printable.ts";
import { givenOnce } from "../run-input.ts";
import { findRunId } from "../short-id/find-id.ts";
import { findInquiryId } from "../short-id/find-inquiry.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";

interface ListOptions extends LimitOption {
  readonly status?: InquiryStatus;
  readonly run?: string;
  readonly assignedTo?: string;
}

export const define: Define = (command, host) => {
  const list = withLimit(defaultList(command, "list the questions of runs, those asked last first"))
    .addOption(new Option("--status <status>", "only those").choices(INQUIRY_STATUSES))
    .option("--run <run>", "only questions of this run")
    .option("--assigned-to <token>", "only those that are for the token of this name to answer");
  act<ListOptions>(list, host, async ({ connect, out, io, options }) => {
    const { limit, status, run, assignedTo } = options;
    const client = await connect();
    const inquiries = client.inquiries.list({
      limit,
      ...(status && { status }),
      ...(run && { run: await findRunId(client, run, io.now()) }),
      ...(assignedTo && { assigned_to: assignedTo }),
    });
    await out.list(inquiries, {
      headings: ["INQUIRY", "STATUS", "STEP", "ASKED", "EXPIRES", "FOR", "QUESTION"],
      row: (inquiry: Inquiry) => inquiryRow(inquiry, io.now(), out.paint),
      empty: "No questions.",
    });
  });

  const show = command
    .command("show")
    .description("show a question, what it takes for an answer, and what became of it")
    .argument("<inquiry>");
  act(show, host, async ({ args, connect, out, io }) => {
    const client = await connect();
    const inquiry = await client.inquiries.get(await findInquiryId(client, args[0] as string));
    out.value(inquiry, () => showInquiry(inquiry, out, io.now()));
  });

  const answer = command
    .command("answer")
    .description("answer a question; its run goes on with that at once")
    .argument("<inquiry>")
    .argument(
      "[name=value...]",
      "fields of the answer, read by the types of its schema: text as it is, yes and no as true and false, lists and maps as JSON",
    )
    .option("--json-answer <file>", "the whole answer as JSON in a file, - for stdin", givenOnce)
    .addHelpText(
      "after",
      "\nWith neither, on a terminal, it asks for one field after the other; elsewhere nothing is sent.\nThe first answer counts: a second is refused with exit code 5.",
    );
  act<{ jsonAnswer?: string }>(answer, host, async ({ args, rest, options, connect, out, io }) => {
    const client = await connect();
    const id = await findInquiryId(client, args[0] as string);
    const inquiry = await client.inquiries.get(id);
    refuseOver(inquiry);
    const given = await readAnswer(inquiry, { words: rest, file: options.jsonAnswer }, io);
    const answered = await client.inquiries.answer(id, given);
    out.value(answered, () =>
      out.lines(
        `Answered ${out.paint.strong(printable(answered.title ?? answered.prompt))}`,
        out.paint.faint(`Its run goes on: yard runs show ${answered.run_id}`),
      ),
    );
  });
};

/** Before anything is asked for, and nothing is sent. @throws AppError `conflict` */
function refuseOver({ id, status, answered_by, ended_at }: Inquiry): void {
  if (status === "open") return;
  const when = ended_at === null ? "" : ` at ${ended_at}`;
  const detail = {
    answered: `inquiry ${id} was answered by ${answered_by}${when}`,
    timed_out: `inquiry ${id} was not answered in time: it ended${when}`,
    canceled: `nobody need answer inquiry ${id} any more: its run was stopped, or has failed${when === "" ? "" : `,${when}`}`,
  }[status];
  throw new AppError("conflict", printable(detail));
}
