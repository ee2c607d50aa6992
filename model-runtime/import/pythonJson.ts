/** Python's json module writes these outside of strings, which JSON does not have. */
const PYTHON_NUMBER = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/** Text of a JSON file as Python wrote it, in JSON: infinities become numbers that read as such, NaN becomes null. */
export function asJson(text: string): string {
  return text.replace(PYTHON_NUMBER, (found) => {
    if (found.startsWith('"')) return found;
    if (found === 'NaN') return 'null';
    return found.startsWith('-') ? '-1e999' : '1e999';
  });
}
