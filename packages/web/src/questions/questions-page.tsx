import { Failure } from "../design/failure.tsx";
import { QuestionsCards } from "./questions-cards.tsx";
import { useOpenQuestions } from "./use-open-questions.ts";

/** Every question that waits for somebody, the oldest first, each with its form. */
export function QuestionsPage() {
  const { data, error, refresh } = useOpenQuestions();
  return (
    <>
      <title>Questions — Yardmaster</title>
      <h1 className="text-xl font-semibold tracking-tight">Open questions</h1>
      <div className="mt-4 grid max-w-3xl gap-5">
        {error !== null && <Failure error={error} to="read questions" />}
        {data?.length === 0 && <p className="py-8 text-muted">Nobody is asked anything.</p>}
        <QuestionsCards inquiries={data ?? []} hasLinks onAnswered={refresh} />
      </div>
    </>
  );
}
