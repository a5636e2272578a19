import type { Pool } from "pg";
import { expect, it } from "vitest";
import type { Assignment } from "./assignment.ts";
import { createLogWriter } from "./log-writer.ts";

it("lets no attempt end before its log is stored, though the end of another has taken it along", async () => {
  const answers: (() => void)[] = [];
  const pool = { query: () => new Promise<void>((answer) => answers.push(answer)) };
  const logs = createLogWriter(pool as unknown as Pool, () => {});
  const ended: string[] = [];
  const end = async (slot: string): Promise<void> => {
    const attempt = { runId: "r", slot, number: 1 } as Assignment;
    void logs.append(attempt, { stream: "stdout", at: 0, text: "line\n" });
    await logs.flush(attempt);
    ended.push(slot);
  };

  const together = [end("a"), end("b")];
  await expect.poll(() => answers.length).toBe(1);
  expect(ended).toEqual([]);

  const meanwhile = [end("c"), end("d")];
  answers[0]?.();
  await Promise.all(together);
  await expect.poll(() => answers.length).toBe(2);
  expect(ended).toEqual(["a", "b"]);

  answers[1]?.();
  await Promise.all(meanwhile);
  expect(answers).toHaveLength(2);
});
