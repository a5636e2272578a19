import {
  type AgentSpec,
  type DocumentNode,
  nodeAt,
  type PackDefinition,
  type Place,
  type Problem,
  type ProcessSpec,
  placeAt,
} from "@yardmaster/kernel";
import { type PackOnDisk, startFlaw } from "../../runners/index.ts";

/**
 * Why process actions of a sound pack, and their checks, would not start where this machine carried them out. They
 * are no errors: the machine that does may have what is missing here. Of an action that nodes carry out, nothing is
 * said of this machine. `roots` are the parsed definitions.
 */
export function startWarnings(
  pack: PackDefinition,
  roots: readonly DocumentNode[],
  onDisk: PackOnDisk,
  surroundings: Readonly<Record<string, string | undefined>>,
): Problem[] {
  return roots.flatMap((root) => {
    const name = nodeAt(root, ["action"]);
    const action = name.kind === "scalar" ? pack.actions.get(String(name.value)) : undefined;
    if (action === undefined) return [];
    const { runner, check, on } = action;
    return [
      ...(runner.kind === "process" ? [{ spec: runner, path: [] }] : []),
      ...(runner.kind === "agent" ? [{ spec: programOf(runner), path: [] }] : []),
      ...(check === undefined ? [] : [{ spec: check, path: ["check"] }]),
    ].flatMap(({ spec, path }) => {
      const flaw = startFlaw(spec, onDisk, surroundings);
      if (flaw === undefined || (flaw.isOfMachine && on !== undefined)) return [];
      const { message, hint } = flaw;
      return [{ ...startPlace(root, path, spec), message, ...(hint !== undefined && { hint }) }];
    });
  });
}

/** The agent's own program, whatever it is started by. */
function programOf({ profile }: AgentSpec): ProcessSpec {
  return { kind: "process", command: profile.command, cwd: "work", output: "none" };
}

/** Of what is started: an entry, the first word of a command, or the shell of a script. */
function startPlace(root: DocumentNode, path: readonly string[], spec: ProcessSpec): Place {
  if (spec.entry !== undefined) return placeAt(root, [...path, "entry"]);
  if (nodeAt(root, ["agent"]) !== root) return placeAt(root, ["agent"]);
  if (spec.command !== undefined) return placeAt(root, [...path, "command", 0]);
  return placeAt(root, [...path, "shell"]);
}
