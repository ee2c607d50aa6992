// Takes the place of @vscode/spdlog in the VS Code host of the tests: that package is native and would have to be compiled.
// Without it the server writes no log files, and neither does «Mamba Complete: Show Log».
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

export class Logger {
  level = LEVELS.indexOf('info');
  isPlain = false;

  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }
  /** @param {string} message */
  trace(message) {
    this.write('trace', message);
  }
  /** @param {string} message */
  debug(message) {
    this.write('debug', message);
  }
  /** @param {string} message */
  info(message) {
    this.write('info', message);
  }
  /** @param {string} message */
  warn(message) {
    this.write('warn', message);
  }
  /** @param {string} message */
  error(message) {
    this.write('error', message);
  }
  /** @param {string} message */
  critical(message) {
    this.write('critical', message);
  }
  getLevel() {
    return this.level;
  }
  /** @param {number} level */
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.isPlain = true;
  }
  flush() {}
  drop() {}

  /**
   * @param {string} level
   * @param {string} message
   */
  write(level, message) {
    if (LEVELS.indexOf(level) < this.level) return;
    const start = this.isPlain ? '' : `${new Date().toISOString()} [${level}] `;
    appendFileSync(this.file, `${start}${message}\n`);
  }
}

/**
 * @param {string} _name
 * @param {string} file
 */
export async function createAsyncRotatingLogger(_name, file) {
  mkdirSync(path.dirname(file), { recursive: true });
  return new Logger(file);
}

export function setFlushOn() {}
