import { type Document, parseDocument } from "yaml";

/**
 * A YAML 1.2 document (core schema) with all that is wrong with it. The text has been found neither too deep nor too
 * much: `isTooNested`, `yamlExcess`.
 */
export function parseYamlText(text: string): Document.Parsed {
  const { stackTraceLimit } = Error;
  // A text that is no YAML has an error at each token; stacks, which nobody sees, were three quarters of their cost.
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, {
      prettyErrors: false,
      stringKeys: true,
      // It compares each key with all others: 22,000 keys took 8 s. Who reads the document does it at once.
      uniqueKeys: false,
      resolveKnownTags: false,
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
