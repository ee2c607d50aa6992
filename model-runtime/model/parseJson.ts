import * as v from 'valibot';
import { modelCorrupt } from './modelErrors';

/**
 * Parses the text of a model's JSON file and checks it against `schema`.
 * Throws `modelCorrupt`, which names `file` and the first field that is wrong.
 */
export function parseJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  file: string,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw modelCorrupt(file, 'it is not JSON', error);
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw modelCorrupt(file, `${path === null ? '' : `"${path}": `}${issue.message}`);
}
