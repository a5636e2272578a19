import {
  isJsonObject,
  type Json,
  type JsonObject,
  pathFlaw,
  STEP_FILE_LIMITS,
  type StepFile,
  type StepFileMode,
} from "@yardmaster/protocol";

type Uses = { readonly files: readonly StepFile[] } | { readonly flaw: string };

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * What a step's `files` came to: files as steps hand them back, lists of them, and `{ from, to }` that puts them into a
 * folder. Gives them with the paths that they are to have, by path; or a sentence that says what is wrong.
 */
export function fileUsesOf(value: Json): Uses {
  const byPath = new Map<string, StepFile>();
  const flaw = gather(value, "", byPath) ?? sizeFlaw(byPath) ?? folderFlaw(byPath);
  if (flaw !== undefined) return { flaw };
  return { files: [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function gather(value: Json, folder: string, byPath: Map<string, StepFile>): string | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const flaw = gather(item, folder, byPath);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return `${JSON.stringify(value)} is no file of a step`;
  if ("from" in value) return gatherInto(value, folder, byPath);
  return gatherFile(value, folder, byPath);
}

function gatherInto(
  { from, to }: JsonObject,
  folder: string,
  byPath: Map<string, StepFile>,
): string | undefined {
  if (to === undefined) return gather(from ?? null, folder, byPath);
  const flaw = typeof to === "string" ? pathFlaw(to) : "it is no text";
  if (flaw !== undefined) return `to: ${JSON.stringify(to)} is no folder: ${flaw}`;
  return gather(from ?? null, `${folder}${to as string}/`, byPath);
}

function gatherFile(
  value: JsonObject,
  folder: string,
  byPath: Map<string, StepFile>,
): string | undefined {
  const { path, bytes, sha256, mode } = value;
  const isFile =
    typeof path === "string" &&
    typeof sha256 === "string" &&
    SHA256.test(sha256) &&
    typeof bytes === "number" &&
    Number.isInteger(bytes) &&
    bytes >= 0;
  if (!isFile) return "what it came to are no files of a step (with path, bytes and sha256)";
  const at = `${folder}${path}`;
  const flaw = pathFlaw(at);
  if (flaw !== undefined) return `${JSON.stringify(at)} is no path: ${flaw}`;
  const before = byPath.get(at);
  if (before !== undefined && before.sha256 !== sha256)
    return `two different files would be at ${at}; give them other names, or put one elsewhere with to`;
  const kept: StepFileMode = mode === "0755" ? "0755" : "0644";
  byPath.set(at, { path: at, bytes, sha256, mode: kept });
  return undefined;
}

function sizeFlaw(byPath: ReadonlyMap<string, StepFile>): string | undefined {
  const { filesIn, attemptBytes } = STEP_FILE_LIMITS;
  if (byPath.size > filesIn) return `${byPath.size} files; a step takes at most ${filesIn}`;
  const bytes = [...byPath.values()].reduce((sum, file) => sum + file.bytes, 0);
  return bytes > attemptBytes
    ? `they have ${bytes} bytes in all; a step takes at most ${attemptBytes}`
    : undefined;
}

/** No name is both a file and the folder of another. */
function folderFlaw(byPath: ReadonlyMap<string, StepFile>): string | undefined {
  for (const path of byPath.keys())
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
      if (byPath.has(path.slice(0, at)))
        return `${path.slice(0, at)} would be a file and the folder of ${path}`;
  return undefined;
}
