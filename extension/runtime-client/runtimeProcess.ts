import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ClientMessage } from '../../model-runtime/protocol/messages';
import type { IDisposable } from '../common/disposable';
import type { Event } from '../common/emitter';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';

/** How a runtime process ended, in words for the log: `code 1`, `signal SIGKILL`, `spawn ENOENT`. */
export type ExitDescription = string;

/** One running runtime process as the client sees it. Fired at most once: `onExit`. */
export interface RuntimePort extends IDisposable {
  readonly pid: number | undefined;
  /** Messages as they came; the receiver parses them. */
  readonly onMessage: Event<unknown>;
  readonly onExit: Event<ExitDescription>;
  /** Does nothing once the channel is closed: `onExit` follows. */
  send(message: ClientMessage): void;
  /** Closes the channel, upon which the process ends by itself. */
  disconnect(): void;
  kill(): void;
}

/** A process that `forkRuntime` has started. A failed start is reported by `onExit`, never thrown. */
export class RuntimeProcess implements RuntimePort {
  private readonly messages = new Emitter<unknown>();
  private readonly exits = new Emitter<ExitDescription>();
  private hasEnded = false;
  private isClosing = false;

  readonly onMessage = this.messages.event;
  readonly onExit = this.exits.event;

  constructor(
    private readonly child: ChildProcess,
    private readonly logger: Logger,
  ) {
    this.child.on('message', (message) => {
      this.messages.fire(message);
    });
    this.child.on('exit', (code, signal) => {
      this.end(signal === null ? `code ${code ?? 'unknown'}` : `signal ${signal}`);
    });
    // Without a process there is no exit event.
    this.child.on('error', (error) => {
      if (this.child.pid === undefined) this.end(error.message);
      else logger.debug(`runtime.process: ${error.message}`);
    });
    // A process that closed the channel by itself can no longer serve: it is ended, and `exit` follows.
    this.child.on('disconnect', () => {
      if (!this.isClosing) this.kill();
    });
    this.forwardStderr();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: ClientMessage): void {
    if (!this.child.connected) return;
    this.child.send(message, (error) => {
      if (error !== null) this.logger.debug(`runtime.send: ${error.message}`);
    });
  }

  disconnect(): void {
    this.isClosing = true;
    if (this.child.connected) this.child.disconnect();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Stops listening; the process is left to itself. */
  dispose(): void {
    this.messages.dispose();
    this.exits.dispose();
  }

  private end(description: ExitDescription): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.exits.fire(description);
  }

  private forwardStderr(): void {
    if (this.child.stderr === null) return;
    const lines = createInterface({ input: this.child.stderr, crlfDelay: Infinity });
    lines.on('line', (line) => {
      this.logger.info(line);
    });
  }
}
