import * as v from 'valibot';
import { modelCorrupt, type FailWith } from './modelErrors';

/**
 * Parses the text of a model's JSON file and checks it against `schema`.
 * Throws what `fail` makes, `modelCorrupt` by default, which names `file` and the first field that is wrong.
 */
export function parseJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  file: string,
  fail: FailWith = modelCorrupt,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail(file, 'it is not JSON', error);
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw fail(file, `${path === null ? '' : `"${path}": `}${issue.message}`);
}
