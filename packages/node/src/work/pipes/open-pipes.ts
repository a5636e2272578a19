import type { StreamName } from "@yardmaster/protocol/node";
import { type InputPipe, openInputPipe } from "./input-pipe.ts";
import { type Outputs, openOutputs } from "./open-outputs.ts";
import type { PipeFolder } from "./pipe-folder.ts";

/** The pipes of one process. */
export interface Pipes {
  readonly outputs: Outputs;
  /** Undefined where its stdin is empty. */
  readonly input: InputPipe | undefined;
  destroy(): void;
}

export interface PipesOptions {
  readonly stdin: "null" | "pipe";
  readonly onOutput: (stream: StreamName, bytes: Buffer) => void;
}

/** Opens all of them, or none. Rejects where the system makes or opens none. */
export async function openPipes(
  folder: PipeFolder,
  { stdin, onOutput }: PipesOptions,
): Promise<Pipes> {
  const outputs = await openOutputs(
    folder,
    (bytes) => onOutput("stdout", bytes),
    (bytes) => onOutput("stderr", bytes),
  );
  const input = stdin === "pipe" ? await openInput(folder).catch(refused(outputs)) : undefined;
  return {
    outputs,
    input,
    destroy() {
      outputs.destroy();
      input?.destroy();
    },
  };
}

async function openInput(folder: PipeFolder): Promise<InputPipe> {
  const [path = ""] = await folder.take(1);
  return openInputPipe(folder, path);
}

function refused(outputs: Outputs): (error: unknown) => never {
  return (error) => {
    outputs.destroy();
    throw error;
  };
}
