import type { Check, ChecksOfPacks } from "@yardmaster/protocol";
import { bad, ok, warn } from "../check.ts";

/** The folders of YARD_PACKS, read as a server would. */
export function packFolderChecks({ packs, unreadable }: ChecksOfPacks): Check[] {
  const gone = unreadable.map(({ folder, message }) =>
    bad("packs", `${folder}: ${message}`, "correct YARD_PACKS"),
  );
  const broken = packs
    .filter(({ errors }) => errors.length > 0)
    .map(({ folder, pack, errors: [first] }) =>
      warn(
        "packs",
        `${pack ?? folder} has problems, the first in ${first?.file}:${first?.line}: ${first?.message}`,
        `yard pack check ${folder}`,
      ),
    );
  const all = [...gone, ...broken];
  return all.length > 0 ? all : [ok("packs", `packs found: ${packs.length}, none broken`)];
}
