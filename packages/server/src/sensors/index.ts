export { MAX_LINE_BYTES, readLine } from "./lines/read-line.ts";
export { deleteOldSensorLogs } from "./sensor-logs.store.ts";
export { sensorRoutes } from "./sensors.routes.ts";
export { countStatuses } from "./sensors.store.ts";
export { createSensors, type Sensors } from "./sensors.ts";
export { type SuperviseDeps, superviseSensors } from "./supervise.ts";
export { ALERT_AFTER } from "./supervision/back-off.ts";
export type { Supervisor } from "./supervision/supervisor.ts";
