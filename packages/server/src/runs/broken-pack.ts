import { basename } from "node:path";
import { problemAsFieldError } from "@yardmaster/kernel";
import { AppError, isAppError } from "@yardmaster/protocol";
import type { Packs } from "../packs/index.ts";

export type BrokenPacks = Pick<Packs, "problems">;

/**
 * Throws the error again; where a ref is unknown whose pack is broken, one that says so, and where: what is not there
 * may stand in a file that could not be taken up.
 */
export async function refuseWithPack(
  error: unknown,
  ref: string,
  packs: BrokenPacks,
): Promise<never> {
  if (!isAppError(error) || error.code !== "unknown_ref") throw error;
  const [pack] = ref.split(".");
  const found = (await packs.problems()).find((one) => (one.pack ?? basename(one.folder)) === pack);
  const [first] = found?.problems ?? [];
  if (found === undefined || first === undefined) throw error;
  const [line] = first.message.split("\n");
  const place = `${first.file}:${first.line}:${first.column}`;
  const message = `there is no action or workflow "${ref}" in force: the pack ${pack} is broken, and what is new in it is not taken up: ${place}: ${line}. To see all that is wrong: yard pack check ${found.folder}`;
  const errors = [...error.errors, ...found.problems.map(problemAsFieldError)];
  throw new AppError("unknown_ref", message, { errors, cause: error });
}
