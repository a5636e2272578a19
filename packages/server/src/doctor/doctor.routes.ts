import { checkupSchema } from "@yardmaster/protocol";
import type { Route } from "../http/index.ts";
import type { Doctor } from "./doctor.ts";

/** `/v1/doctor`. */
export function doctorRoutes(doctor: Doctor): Route[] {
  const checkup: Route = {
    method: "GET",
    path: "/v1/doctor",
    summary: "Looks for what is wrong or soon will be, and says what to do.",
    scope: "status:read",
    responses: { 200: { description: "What was found", schema: checkupSchema } },
    handler: async () => ({ body: await doctor.checkup() }),
  };
  return [checkup];
}
