import { keepHeapSmall } from './garbage';
import { log } from './log';
import { parseClientMessage } from './parseClientMessage';
import type { RuntimeMessage } from './protocol/messages';
import { Runtime } from './runtime';

/** Process entry: an IPC channel to the extension (or to a command-line tool), nothing else in or out. */
function main(): void {
  if (!process.send) {
    log('runtime', 'This program is started by Mamba Complete with an IPC channel.');
    process.exit(2);
  }
  keepHeapSmall();
  const send = (message: RuntimeMessage) => {
    if (process.connected) process.send?.(message);
  };
  const runtime = new Runtime(send);
  const stop = () => {
    void runtime.dispose().finally(() => process.exit(0));
  };

  process.on('message', (data) => {
    const parsed = parseClientMessage(data);
    if ('problem' in parsed) {
      log('runtime', `Refused a message: ${parsed.problem}`);
      const { requestId, problem } = parsed;
      if (requestId !== undefined)
        send({ kind: 'failed', requestId, code: 'internal', message: problem });
      return;
    }
    if (parsed.message.kind === 'shutdown') stop();
    else void runtime.handle(parsed.message);
  });
  // The window has closed or the extension host has died: nobody is left to answer, or to kill a process that does not end. `exit` waits
  // for V8's threads, and has been seen to wait for ever.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('uncaughtException', (error) => {
    log('runtime', `Uncaught: ${error.stack ?? error.message}`);
    process.exit(1);
  });
}

main();
