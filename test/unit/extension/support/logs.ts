import type { Logger } from '../../../../extension/common/logger';

/** A log whose lines a test can read: `warn: …`. */
export function recordingLogger(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const level = (name: string) => (message: string) => {
    lines.push(`${name}: ${message}`);
  };
  return {
    lines,
    trace: level('trace'),
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  };
}
