import { Link } from "@tanstack/react-router";
import { messageOf } from "../design/message-of.ts";
import { Notice } from "../design/notice.tsx";

export function NoSuchPage() {
  return (
    <div className="py-16 text-center">
      <title>Not found — Yardmaster</title>
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-2 text-muted">
        All that is here begins with the{" "}
        <Link to="/" className="text-accent underline">
          runs
        </Link>
        .
      </p>
    </div>
  );
}

export function BrokenPage({ error }: { readonly error: unknown }) {
  return (
    <div className="mx-auto max-w-lg space-y-4 py-16">
      <h1 className="text-lg font-semibold">This page broke</h1>
      <Notice tone="bad">{messageOf(error)}</Notice>
      <a href="/" className="text-accent underline">
        Load it anew
      </a>
    </div>
  );
}
