import { Link, Outlet } from "@tanstack/react-router";
import { Button } from "../design/button.tsx";
import { useSession } from "../session/session.tsx";
import { LiveMark } from "./live-mark.tsx";
import { Mark } from "./mark.tsx";
import { Navigation } from "./navigation.tsx";
import { OfflineBar } from "./offline-bar.tsx";
import { ThemeButton } from "./theme-button.tsx";

export function Layout() {
  const { signOut } = useSession();
  return (
    <>
      <a
        href="#main"
        className="sr-only rounded-lg bg-accent px-3 py-2 text-card focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-20"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-10 border-b border-line bg-page/90 backdrop-blur-sm">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-2 px-4 sm:gap-x-3 lg:flex-nowrap">
          <Link
            to="/"
            activeOptions={{ exact: true }}
            className="my-2 -ml-1 flex h-9 shrink-0 items-center gap-2.5 rounded-lg p-1 font-semibold"
          >
            <Mark className="size-6" />
            Yardmaster
          </Link>
          <Navigation />
          <div className="ml-auto flex shrink-0 items-center gap-x-2 sm:gap-x-3">
            <LiveMark />
            {/* Pages of the server beside this one. */}
            <a
              href="/docs/"
              className="rounded-lg px-2 py-1 text-muted hover:bg-hover hover:text-ink"
            >
              Docs
            </a>
            <ThemeButton />
            <Button type="button" kind="quiet" onClick={() => signOut()}>
              Sign out
            </Button>
          </div>
        </div>
        <OfflineBar />
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6 outline-none">
        <Outlet />
      </main>
    </>
  );
}
