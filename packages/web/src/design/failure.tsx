import { Button } from "./button.tsx";
import { Code } from "./code.tsx";
import { messageOf } from "./message-of.ts";
import { missingScope } from "./missing-scope.ts";
import { Notice } from "./notice.tsx";

interface FailureProps {
  readonly error: unknown;
  /** What was not to be had: `read events`. */
  readonly to: string;
  onRetry?(): void;
}

/** In the place of what could not be had: why, and the way out. */
export function Failure({ error, to, onRetry }: FailureProps) {
  const scope = missingScope(error);
  if (scope !== undefined)
    return (
      <Notice tone="plain">
        This token may not {to}: it needs the scope <Code>{scope}</Code>. Sign in with one that has
        it, or make one: <Code>{`yard tokens create NAME --scope runs:read ${scope}`}</Code>
      </Notice>
    );
  return (
    <div className="space-y-3">
      <Notice tone="bad">{messageOf(error)}</Notice>
      {onRetry !== undefined && (
        <Button type="button" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
