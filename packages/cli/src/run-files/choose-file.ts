import type { RunFile } from "@yardmaster/protocol";
import { AppError, nearest } from "@yardmaster/protocol/core";

/** The step of a file as `--step` takes it: `each#1` for an item or round. */
export function stepOf({ step, item }: RunFile): string {
  return item === null ? step : `${step}#${item}`;
}

/**
 * The one file of a run with this path. Throws AppError not_found, and conflict where several steps have handed back
 * different ones.
 */
export function chooseFile(
  files: readonly RunFile[],
  path: string,
  step: string | undefined,
): RunFile {
  const ofStep = filesOf(files, step);
  const found = ofStep.filter((file) => file.path === path);
  const [first] = found;
  if (first === undefined) throw absent(ofStep, path, step);
  if (found.every(({ sha256 }) => sha256 === first.sha256)) return first;
  const steps = found.map(stepOf).join(", ");
  throw new AppError("conflict", `${steps} handed back different files ${path}: say --step`);
}

/** Those of a step, or of one of its items. */
export function filesOf(files: readonly RunFile[], step: string | undefined): readonly RunFile[] {
  if (step === undefined) return files;
  return files.filter((file) => file.step === step || stepOf(file) === step);
}

function absent(files: readonly RunFile[], path: string, step: string | undefined): AppError {
  const near = nearest(
    path,
    files.map((file) => file.path),
  );
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const where = step === undefined ? "The run" : `The step ${step}`;
  return new AppError("not_found", `${where} has no file ${path}${hint}`);
}
