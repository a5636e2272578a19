import { Link } from "@tanstack/react-router";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";
import { QuestionsCards } from "./questions-cards.tsx";
import { useOpenQuestions } from "./use-open-questions.ts";

/** Every question that waits for somebody, the oldest first, each with its form. */
export function QuestionsPage() {
  const { data, error, refresh } = useOpenQuestions();
  return (
    <>
      <title>Questions — Yardmaster</title>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Open questions</h1>
        <Link to="/" className="text-accent underline">
          Show all runs
        </Link>
      </div>
      <div className="mt-4 grid max-w-3xl gap-5">
        {error !== null && <Notice tone="bad">{messageOf(error)}</Notice>}
        {data?.length === 0 && <p className="py-8 text-muted">Nobody is asked anything.</p>}
        <QuestionsCards inquiries={data ?? []} hasLinks onAnswered={refresh} />
      </div>
    </>
  );
}
