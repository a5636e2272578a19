import { realpathSync } from "node:fs";
import type { AgentRequest, AgentSpec } from "@yardmaster/kernel";
import type { Environment } from "../../process/environment.ts";
import type { AttemptContext } from "../../runner.ts";
import type { AgentEvent } from "../agent-event.ts";
import { processOf } from "../launch.ts";
import { createListener } from "../listener.ts";
import type { Way } from "../way.ts";
import { createConversation } from "./conversation.ts";
import { createInside } from "./folder.ts";

export interface SpeakingDeps {
  readonly spec: AgentSpec;
  readonly request: AgentRequest;
  readonly secrets: Environment;
  /** Where it works; absolute. */
  readonly folder: string;
  readonly context: Pick<AttemptContext, "masker">;
  readonly resultLimitBytes: number;
  readonly onEvent: (event: AgentEvent) => void;
  readonly onIntroduced: () => void;
  /** It has ended, and does not go. */
  readonly lingering: AbortSignal;
}

/** The folder that it is given, or its attempt's own. */
export function folderOf(
  request: AgentRequest,
  { workFolder }: Pick<AttemptContext, "workFolder">,
): string {
  return request.folder ?? realpathSync(workFolder());
}

/** An agent that speaks the Agent Client Protocol: a conversation on the stdin and stdout of its program. */
export function speaking(deps: SpeakingDeps): Way {
  const {
    spec,
    request,
    secrets,
    folder,
    context,
    resultLimitBytes,
    onEvent,
    onIntroduced,
    lingering,
  } = deps;
  let isOver = false;
  const conversation = createConversation({
    spec,
    request,
    folder,
    isInside: createInside(folder),
    onIntroduced,
    words: {
      mostChars: resultLimitBytes,
      clean: (text) => context.masker?.text(text) ?? text,
    },
    onEvent(event) {
      if (event.type === "ended") isOver = true;
      onEvent(event);
    },
  });
  return {
    process: processOf(spec, request, { args: spec.profile.args ?? [] }, secrets),
    listener: createListener((line) => {
      conversation.hear(line);
      return [];
    }, onEvent),
    talk: {
      begun: ({ write, end }) => void conversation.hold(write).then(end),
      isOver: () => isOver,
      dismissed: lingering,
    },
    breakOff: conversation.cancel,
  };
}
