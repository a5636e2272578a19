import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { QuestionsPage } from "./questions/questions-page.tsx";
import { RunPage } from "./run/run-page.tsx";
import { readChosenSlot } from "./run/slots.ts";
import { readRunPlace } from "./runs/run-filter.ts";
import { RunsPage } from "./runs/runs-page.tsx";
import { Layout } from "./shell/layout.tsx";
import { BrokenPage, NoSuchPage } from "./shell/lost-pages.tsx";

const root = createRootRoute({
  component: Layout,
  notFoundComponent: NoSuchPage,
  errorComponent: BrokenPage,
});
export const runsRoute = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: readRunPlace,
  component: function Runs() {
    return <RunsPage place={runsRoute.useSearch()} />;
  },
});
export const runRoute = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  validateSearch: readChosenSlot,
  component: function Run() {
    const { id } = runRoute.useParams();
    const { step } = runRoute.useSearch();
    // A page of its own for each run: nothing of the one before stays.
    return <RunPage key={id} id={id} slot={step} />;
  },
});

const questionsRoute = createRoute({
  getParentRoute: () => root,
  path: "/questions",
  component: QuestionsPage,
});

export const router = createRouter({
  routeTree: root.addChildren([runsRoute, runRoute, questionsRoute]),
  defaultPreload: false,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
