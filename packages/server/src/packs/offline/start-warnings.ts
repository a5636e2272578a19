import {
  type AgentSpec,
  type DocumentNode,
  type McpSpec,
  nodeAt,
  type PackDefinition,
  type Place,
  type Problem,
  type ProcessSpec,
  placeAt,
} from "@yardmaster/kernel";
import { type PackOnDisk, startFlaw } from "../../runners/index.ts";

/**
 * Why process actions of a sound pack, their checks and its sensors would not start where this machine carried them
 * out. They are no errors: the machine that does may have what is missing here. Of an action that nodes carry out,
 * nothing is said of this machine. `roots` are the parsed definitions.
 */
export function startWarnings(
  pack: PackDefinition,
  roots: readonly DocumentNode[],
  onDisk: PackOnDisk,
  surroundings: Readonly<Record<string, string | undefined>>,
): Problem[] {
  return roots.flatMap((root) =>
    startsOf(root, pack).flatMap(({ spec, path, isElsewhere }) => {
      const flaw = startFlaw(spec, onDisk, surroundings);
      if (flaw === undefined || (flaw.isOfMachine && isElsewhere)) return [];
      const { message, hint } = flaw;
      return [{ ...startPlace(root, path, spec), message, ...(hint !== undefined && { hint }) }];
    }),
  );
}

/** What a definition starts; `path` leads to where it says so. */
interface Start {
  readonly spec: ProcessSpec;
  readonly path: readonly string[];
  /** Nodes start it, not a worker. */
  readonly isElsewhere: boolean;
}

function startsOf(root: DocumentNode, pack: PackDefinition): Start[] {
  const sensor = pack.sensors.find(({ ref }) => ref === nameIn(root, "sensor"));
  if (sensor !== undefined) return [{ spec: sensor.process, path: [], isElsewhere: false }];
  const action = pack.actions.get(nameIn(root, "action") ?? "");
  if (action === undefined) return [];
  const { runner, check, on } = action;
  const isElsewhere = on !== undefined;
  return [
    ...(runner.kind === "process" ? [{ spec: runner, path: [], isElsewhere }] : []),
    ...(runner.kind === "agent" ? [{ spec: programOf(runner), path: [], isElsewhere }] : []),
    ...(runner.kind === "mcp" && runner.command !== undefined
      ? [{ spec: serverOf(runner.command, runner), path: ["server"], isElsewhere }]
      : []),
    ...(check === undefined ? [] : [{ spec: check, path: ["check"], isElsewhere }]),
  ];
}

function nameIn(root: DocumentNode, kind: "sensor" | "action"): string | undefined {
  const name = nodeAt(root, [kind]);
  return name.kind === "scalar" ? String(name.value) : undefined;
}

/** The agent's own program, whatever it is started by. */
function programOf({ profile }: AgentSpec): ProcessSpec {
  return { kind: "process", command: profile.command, cwd: "work", output: "none" };
}

/** The server of a tool. */
function serverOf(command: readonly string[], { cwd }: McpSpec): ProcessSpec {
  return { kind: "process", command, output: "none", ...(cwd !== undefined && { cwd }) };
}

/** Of what is started: an entry, the first word of a command, or the shell of a script. */
function startPlace(root: DocumentNode, path: readonly string[], spec: ProcessSpec): Place {
  if (spec.entry !== undefined) return placeAt(root, [...path, "entry"]);
  if (nodeAt(root, ["agent"]) !== root) return placeAt(root, ["agent"]);
  if (spec.command !== undefined) return placeAt(root, [...path, "command", 0]);
  return placeAt(root, [...path, "shell"]);
}
