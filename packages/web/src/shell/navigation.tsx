import { Link, useLocation } from "@tanstack/react-router";
import { useLayoutEffect, useRef } from "react";
import { tabLook } from "../list/tabs.ts";
import { isWithin, SECTIONS } from "./sections.ts";

/** The way between the sections: in the line of the header where it has room, else in one of its own, which scrolls. */
export function Navigation() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const current = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path has another current entry
  useLayoutEffect(() => {
    current.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [path]);
  return (
    <nav
      aria-label="Sections"
      className="-mx-4 flex gap-1 overflow-x-auto px-4 max-lg:order-last max-lg:basis-[calc(100%+2rem)] max-lg:pb-1.5 lg:mx-0 lg:px-1"
    >
      {SECTIONS.map((section) => {
        const isCurrent = isWithin(section, path);
        return (
          <Link
            key={section.to}
            to={section.to}
            ref={isCurrent ? current : null}
            activeOptions={{ exact: true }}
            aria-current={isCurrent ? "page" : undefined}
            className={`${tabLook(isCurrent)} focus-visible:-outline-offset-2`}
          >
            {section.label}
          </Link>
        );
      })}
    </nav>
  );
}
