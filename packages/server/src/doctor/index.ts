export { doctorRoutes } from "./doctor.routes.ts";
export { createDoctor, type Doctor, type DoctorDeps } from "./doctor.ts";
