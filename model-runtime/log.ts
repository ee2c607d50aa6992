/** Where in the runtime a line comes from. */
export type LogScope = 'runtime' | 'runtime.load' | 'gen.complete' | 'gen.warm';

/** Writes one line to stderr; the channel carries messages only. Never document text. */
export function log(scope: LogScope, line: string): void {
  process.stderr.write(`[${scope}] ${line}\n`);
}
