import { isAppError } from "@yardmaster/protocol/core";
import { type FormEvent, useState } from "react";
import { Button } from "../design/button.tsx";
import { Code } from "../design/code.tsx";
import { Notice } from "../design/notice.tsx";
import { Mark } from "../shell/mark.tsx";
import { clientWith } from "./client-with.ts";

interface SignInProps {
  readonly why: string | undefined;
  onToken(token: string): void;
}

/** Asks for a token and tries it before it is kept. */
export function SignIn({ why, onToken }: SignInProps) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isTrying, setTrying] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setTrying(true);
    setProblem(undefined);
    try {
      await clientWith(token.trim()).runs.page({ limit: 1 });
      onToken(token.trim());
    } catch (error) {
      setProblem(problemOf(error));
      setTrying(false);
    }
  }

  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-4 pb-24">
      <title>Sign in — Yardmaster</title>
      <Mark className="mb-5 size-10" />
      <h1 className="text-xl font-semibold tracking-tight">Sign in to Yardmaster</h1>
      <p className="mt-1 text-muted">With an API token of this server.</p>
      <form className="mt-6 space-y-3" onSubmit={(event) => void submit(event)}>
        <label className="block font-medium" htmlFor="token">
          Token
        </label>
        <input
          id="token"
          className="field w-full font-mono"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          // biome-ignore lint/a11y/noAutofocus: the one thing to do on this page
          autoFocus
          placeholder="yard_…"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-invalid={problem !== undefined}
          aria-describedby="token-problem token-hint"
        />
        <div id="token-problem" aria-live="polite">
          {problem !== undefined && <Notice tone="bad">{problem}</Notice>}
          {problem === undefined && why !== undefined && <Notice tone="warn">{why}</Notice>}
        </div>
        <Button kind="primary" className="w-full" disabled={isTrying || token.trim() === ""}>
          {isTrying ? "Signing in…" : "Sign in"}
        </Button>
      </form>
      <p id="token-hint" className="mt-6 border-t border-line pt-4 text-muted">
        The first start showed the admin token; the file <Code>admin-token</Code> in the data folder
        keeps it. The token stays in this browser session and is forgotten with its last tab.
      </p>
    </main>
  );
}

function problemOf(error: unknown): string {
  if (!isAppError(error)) return String(error);
  if (error.code === "unauthorized") return "The server does not know this token.";
  if (error.code === "forbidden") return "This token may not read runs: it needs runs:read.";
  if (error.code === "unavailable") return "The server is out of reach. Is it running?";
  return error.message;
}
