import { Link } from "@tanstack/react-router";
import type { Inquiry } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { Sentence } from "../design/sentence.tsx";
import { Age } from "../time/moments.tsx";
import { QuestionForm } from "./question-form.tsx";

interface QuestionsCardsProps {
  readonly inquiries: readonly Inquiry[];
  /** Whether each leads to the run that asks. */
  readonly hasLinks?: boolean;
  onAnswered(): void;
}

/** What a run asks people, open questions first, and what was answered. */
export function QuestionsCards({ inquiries, hasLinks = false, onAnswered }: QuestionsCardsProps) {
  const open = inquiries.filter(({ status }) => status === "open");
  const over = inquiries.filter(({ status }) => status !== "open");
  return [...open.toReversed(), ...over].map((inquiry) => (
    <Card
      key={inquiry.id}
      title={inquiry.title ?? `Question of ${inquiry.step}`}
      aside={hasLinks && <RunLink inquiry={inquiry} />}
    >
      <div className="space-y-3 px-4 py-3">
        <p className="whitespace-pre-wrap wrap-anywhere">{inquiry.prompt}</p>
        <Standing inquiry={inquiry} />
        {inquiry.status === "open" && <QuestionForm inquiry={inquiry} onAnswered={onAnswered} />}
      </div>
      {inquiry.status === "answered" && <JsonBlock value={inquiry.answer} />}
    </Card>
  ));
}

function RunLink({ inquiry: { run_id, ref } }: { readonly inquiry: Inquiry }) {
  return (
    <Link to="/runs/$id" params={{ id: run_id }} className="text-accent underline">
      {ref ?? "Its run"}
    </Link>
  );
}

function Standing({ inquiry }: { readonly inquiry: Inquiry }) {
  const { status, step, assigned_to, expires_at, answered_by, ended_at } = inquiry;
  if (status === "open") {
    const whose = assigned_to === null ? "" : ` of ${assigned_to.join(", ")}`;
    const until = expires_at === null ? "" : `, until ${expires_at}`;
    return (
      <p className="text-muted wrap-anywhere">
        <Sentence text={`Step ${step} waits for the answer${whose}${until}`} />
      </p>
    );
  }
  return (
    <p className="text-muted wrap-anywhere">
      {WORDS[status]}
      {answered_by !== null && ` by ${answered_by}`} {ended_at !== null && <Age at={ended_at} />}
    </p>
  );
}

const WORDS: { readonly [S in Exclude<Inquiry["status"], "open">]: string } = {
  answered: "Answered",
  timed_out: "Not answered in time",
  canceled: "Withdrawn",
};
