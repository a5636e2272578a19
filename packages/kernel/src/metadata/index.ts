export {
  DEFAULT_METADATA,
  DIFFICULTIES,
  type Difficulty,
  type IssueMetadata,
  type MetadataField,
  type MetadataWarning,
  type Provenance,
  type ReadMetadata,
  USUAL_AGENTS,
} from "./metadata.types.ts";
export { type NativeDependencies, withNative } from "./native.ts";
export { type MetadataOptions, readIssueMetadata } from "./read-metadata.ts";
export { type IssueReference, MAX_REFERENCES, type ReferringIssue } from "./references.ts";
