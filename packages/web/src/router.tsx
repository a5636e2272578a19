import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { DeliveriesPage } from "./deliveries/deliveries-page.tsx";
import { readDeliveryPlace } from "./deliveries/delivery-place.ts";
import { EventPage } from "./event/event-page.tsx";
import { readEventPlace } from "./events/event-filter.ts";
import { EventsPage } from "./events/events-page.tsx";
import { readNodeFilter } from "./nodes/node-filter.ts";
import { NodePage } from "./nodes/node-page.tsx";
import { NodesPage } from "./nodes/nodes-page.tsx";
import { PackPage } from "./packs/pack-page.tsx";
import { PacksPage } from "./packs/packs-page.tsx";
import { QuestionsPage } from "./questions/questions-page.tsx";
import { readQueueFilter } from "./queues/queue-filter.ts";
import { QueuePage } from "./queues/queue-page.tsx";
import { QueuesPage } from "./queues/queues-page.tsx";
import { RulePage } from "./rule/rule-page.tsx";
import { readRulePlace } from "./rule/rule-place.ts";
import { readRulesFilter } from "./rules/rules-filter.ts";
import { RulesPage } from "./rules/rules-page.tsx";
import { RunPage } from "./run/run-page.tsx";
import { readChosenSlot } from "./run/slots.ts";
import { readRunPlace } from "./runs/run-filter.ts";
import { RunsPage } from "./runs/runs-page.tsx";
import { Layout } from "./shell/layout.tsx";
import { BrokenPage, NoSuchPage } from "./shell/lost-pages.tsx";
import { readTaskFilter } from "./tasks/task-filter.ts";
import { TaskPage } from "./tasks/task-page.tsx";
import { TasksPage } from "./tasks/tasks-page.tsx";

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

const eventsRoute = createRoute({
  getParentRoute: () => root,
  path: "/events",
  validateSearch: readEventPlace,
  component: function Events() {
    return <EventsPage place={eventsRoute.useSearch()} />;
  },
});
const eventRoute = createRoute({
  getParentRoute: () => root,
  path: "/events/$id",
  component: function Event() {
    const { id } = eventRoute.useParams();
    return <EventPage key={id} id={id} />;
  },
});
const deliveriesRoute = createRoute({
  getParentRoute: () => root,
  path: "/deliveries",
  validateSearch: readDeliveryPlace,
  component: function Deliveries() {
    return <DeliveriesPage place={deliveriesRoute.useSearch()} />;
  },
});

const rulesRoute = createRoute({
  getParentRoute: () => root,
  path: "/rules",
  validateSearch: readRulesFilter,
  component: function Rules() {
    return <RulesPage filter={rulesRoute.useSearch()} />;
  },
});
const ruleRoute = createRoute({
  getParentRoute: () => root,
  path: "/rules/$ref",
  validateSearch: readRulePlace,
  component: function Rule() {
    const { ref } = ruleRoute.useParams();
    return <RulePage key={ref} name={ref} place={ruleRoute.useSearch()} />;
  },
});

const questionsRoute = createRoute({
  getParentRoute: () => root,
  path: "/questions",
  component: QuestionsPage,
});

const tasksRoute = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  validateSearch: readTaskFilter,
  component: function Tasks() {
    return <TasksPage filter={tasksRoute.useSearch()} />;
  },
});
const taskRoute = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$task",
  component: function Task() {
    const { task } = taskRoute.useParams();
    return <TaskPage key={task} name={task} />;
  },
});
const nodesRoute = createRoute({
  getParentRoute: () => root,
  path: "/nodes",
  validateSearch: readNodeFilter,
  component: function Nodes() {
    return <NodesPage filter={nodesRoute.useSearch()} />;
  },
});
const nodeRoute = createRoute({
  getParentRoute: () => root,
  path: "/nodes/$name",
  component: function Node() {
    const { name } = nodeRoute.useParams();
    return <NodePage key={name} name={name} />;
  },
});
const queuesRoute = createRoute({
  getParentRoute: () => root,
  path: "/queues",
  validateSearch: readQueueFilter,
  component: function Queues() {
    return <QueuesPage filter={queuesRoute.useSearch()} />;
  },
});
const queueRoute = createRoute({
  getParentRoute: () => root,
  path: "/queues/$name",
  component: function Queue() {
    const { name } = queueRoute.useParams();
    return <QueuePage key={name} name={name} />;
  },
});
const packsRoute = createRoute({
  getParentRoute: () => root,
  path: "/packs",
  component: PacksPage,
});
const packRoute = createRoute({
  getParentRoute: () => root,
  path: "/packs/$pack",
  component: function Pack() {
    const { pack } = packRoute.useParams();
    return <PackPage key={pack} name={pack} />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    runsRoute,
    runRoute,
    eventsRoute,
    eventRoute,
    deliveriesRoute,
    rulesRoute,
    ruleRoute,
    questionsRoute,
    tasksRoute,
    taskRoute,
    nodesRoute,
    nodeRoute,
    queuesRoute,
    queueRoute,
    packsRoute,
    packRoute,
  ]),
  defaultPreload: false,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
