import { AppError, type JsonObject, nearest, type Scope } from "@yardmaster/protocol";
import type { Tool, ToolAnswer, ToolCall } from "./tools/tool.ts";

/** The tools as one token sees them. */
export interface Toolbox {
  /** Those that its scopes allow. */
  list(scopes: readonly Scope[]): readonly Tool[];
  /** Undefined where there is no such tool at all. @throws AppError */
  call(
    name: string,
    args: JsonObject,
    call: ToolCall,
    scopes: readonly Scope[],
  ): Promise<ToolAnswer> | undefined;
  /** Of a name that there is not: the likely one. */
  nearest(name: string, scopes: readonly Scope[]): string | undefined;
}

/** `loaded` gives those of the packs as they are now; a name of ours is not taken by one of them. */
export function createToolbox(fixed: readonly Tool[], loaded: () => readonly Tool[]): Toolbox {
  const all = (): readonly Tool[] => [...fixed, ...loaded()];

  function list(scopes: readonly Scope[]): readonly Tool[] {
    return all().filter((tool) => isAllowed(tool, scopes));
  }

  return {
    list,
    call(name, args, call, scopes) {
      const tool = all().find((one) => one.name === name);
      if (tool === undefined) return undefined;
      // Told before the API would: some tools ask it more than one thing.
      if (!isAllowed(tool, scopes)) return Promise.reject(lacking(tool, scopes));
      return calling(tool, fixed.includes(tool) ? given(args) : args, call);
    },
    nearest: (name, scopes) =>
      nearest(
        name,
        list(scopes).map((tool) => tool.name),
      ),
  };
}

/** Many models say null of what they leave out. An input of somebody's own may be null. */
function given(args: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/** What it refuses before it asks anything is its answer too. */
async function calling(tool: Tool, args: JsonObject, call: ToolCall): Promise<ToolAnswer> {
  return await tool.call(args, call);
}

function isAllowed(tool: Tool, scopes: readonly Scope[]): boolean {
  return scopes.includes("admin") || tool.scopes.some((scope) => scopes.includes(scope));
}

function lacking({ name, scopes }: Tool, got: readonly Scope[]): AppError {
  const expected = scopes.join(" or ");
  const message = `lacks the scope ${expected}`;
  return new AppError("forbidden", `The tool ${name} needs a token with the scope ${expected}`, {
    errors: [{ path: "Authorization", message, expected, got: got.join(", ") }],
  });
}
