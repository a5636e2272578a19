export { createOwnEvents, type OwnEvents } from "./own-events.ts";
