import type { Decision } from "@yardmaster/protocol";
import { Code } from "../design/code.tsx";
import { Sentence } from "../design/sentence.tsx";

type Said = Pick<Decision, "status" | "clause" | "reason">;

/** What stood against a match, in words; nothing of one that matched. */
export function Because({ said: { status, clause, reason } }: { readonly said: Said }) {
  if (status === "matched") return null;
  return (
    <>
      {clause !== null && (
        <>
          <Code>{clause}</Code> {status === "not_matched" ? "did not hold" : "cannot be judged"}
          {reason !== null && ": "}
        </>
      )}
      {reason !== null && <Sentence text={reason} />}
    </>
  );
}
