export {
  ADMIN_TOKEN_FILE,
  type AdminToken,
  type AdminTokenDeps,
  ensureAdminToken,
} from "./admin-token.ts";
export { type Auth, type AuthDeps, createAuth } from "./auth.ts";
export { MIN_TOKEN_LENGTH } from "./token-text.ts";
export { tokenRoutes } from "./tokens.routes.ts";
