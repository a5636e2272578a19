export { keepQueues } from "./keep-queues.ts";
export { queueRoutes } from "./queues.routes.ts";
export { createQueues, type Queues } from "./queues.ts";
export { createQueueSweep } from "./sweep-queues.ts";
