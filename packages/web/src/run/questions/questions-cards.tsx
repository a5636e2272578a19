import type { Inquiry } from "@yardmaster/protocol";
import { Card } from "../../design/card.tsx";
import { JsonBlock } from "../../design/json-block.tsx";
import { Age } from "../../time/moments.tsx";
import { QuestionForm } from "./question-form.tsx";

interface QuestionsCardsProps {
  readonly inquiries: readonly Inquiry[];
  onAnswered(): void;
}

/** What a run asks people, open questions first, and what was answered. */
export function QuestionsCards({ inquiries, onAnswered }: QuestionsCardsProps) {
  const open = inquiries.filter(({ status }) => status === "open");
  const over = inquiries.filter(({ status }) => status !== "open");
  return [...open.toReversed(), ...over].map((inquiry) => (
    <Card key={inquiry.id} title={inquiry.title ?? `Question of ${inquiry.step}`}>
      <div className="space-y-3 px-4 py-3">
        <p className="whitespace-pre-wrap wrap-anywhere">{inquiry.prompt}</p>
        <Standing inquiry={inquiry} />
        {inquiry.status === "open" && <QuestionForm inquiry={inquiry} onAnswered={onAnswered} />}
      </div>
      {inquiry.status === "answered" && <JsonBlock value={inquiry.answer} />}
    </Card>
  ));
}

function Standing({ inquiry }: { readonly inquiry: Inquiry }) {
  const { status, step, assigned_to, expires_at, answered_by, ended_at } = inquiry;
  if (status === "open")
    return (
      <p className="text-muted wrap-anywhere">
        Step {step} waits for the answer
        {assigned_to === null ? "" : ` of ${assigned_to.join(", ")}`}
        {expires_at !== null && (
          <>
            , which must come <Age at={expires_at} />
          </>
        )}
        .
      </p>
    );
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
