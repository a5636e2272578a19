import { AppError, isAppError } from "@yardmaster/protocol";
import { parseJsonBody } from "../../json/index.ts";

const NOT_REPEATED = "what stands there is not repeated, since it may be a secret";

/** As `parseJsonBody`, for a body that may be a secret as a whole: of what came the errors say where it is wrong alone. */
export function parseSecretBody(bytes: Buffer): unknown {
  try {
    return parseJsonBody(bytes);
  } catch (error) {
    if (!isAppError(error)) throw error;
    // The cause is left out as well: it quotes the text.
    throw error.code === "invalid_json"
      ? malformed(error)
      : new AppError(error.code, error.message);
  }
}

function malformed({ message, errors }: AppError): AppError {
  const path = errors?.[0]?.path;
  if (path === undefined) return new AppError("invalid_json", message);
  const [line, column] = path.split(":");
  const problem = `no valid JSON; ${NOT_REPEATED}`;
  return new AppError("invalid_json", `Line ${line}, column ${column}: ${problem}`, {
    errors: [{ path, message: problem }],
  });
}
