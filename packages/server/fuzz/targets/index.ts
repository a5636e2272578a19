import type { FuzzTarget } from "../target.ts";
import { celTarget } from "./cel.ts";
import { cloudEventTarget } from "./cloud-event.ts";
import { durationTarget } from "./duration.ts";
import { formTarget } from "./form.ts";
import { headerTarget } from "./header.ts";
import { jsonBodyTarget } from "./json-body.ts";
import { maskedTarget } from "./masked.ts";
import { mcpTarget } from "./mcp.ts";
import { mcpAnswersTarget } from "./mcp-answers.ts";
import { nodeFrameTarget } from "./node-frame.ts";
import { nodeHandshakeTarget } from "./node-handshake.ts";
import { nodeLoginTarget } from "./node-login.ts";
import { nodeSealedTarget } from "./node-sealed.ts";
import { outputTarget } from "./output.ts";
import { packTarget } from "./pack.ts";
import { pathTarget } from "./path.ts";
import { schemaTarget } from "./schema.ts";
import { sensorLineTarget } from "./sensor-line.ts";
import { settingTarget } from "./setting.ts";
import { templateTarget } from "./template.ts";
import { webhookTarget } from "./webhook.ts";
import { yamlTarget } from "./yaml.ts";

export const fuzzTargets: readonly FuzzTarget[] = [
  yamlTarget,
  packTarget,
  celTarget,
  templateTarget,
  schemaTarget,
  webhookTarget,
  formTarget,
  cloudEventTarget,
  jsonBodyTarget,
  outputTarget,
  durationTarget,
  headerTarget,
  settingTarget,
  sensorLineTarget,
  mcpAnswersTarget,
  maskedTarget,
  pathTarget,
  mcpTarget,
  nodeFrameTarget,
  nodeSealedTarget,
  nodeHandshakeTarget,
  nodeLoginTarget,
];
