export { inquiryRoutes } from "./inquiries.routes.ts";
export { createInquiries, type Inquiries } from "./inquiries.ts";
