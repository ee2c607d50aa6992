import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { reportSchema, type ProbeCommand, type ProbeReport } from './messages';

const REPORT_TIMEOUT_MS = 180_000;

/** The driver's end of the line to the probe, one window at a time. */
export class ProbeConnection {
  private readonly waiting: ((report: ProbeReport) => void)[] = [];
  private readonly arrived: ProbeReport[] = [];
  private socket: Socket | undefined;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.socket = socket;
      createInterface({ input: socket }).on('line', (line) =>
        this.receive(v.parse(reportSchema, JSON.parse(line))),
      );
      // A window that is closed drops its connection in whatever way it likes.
      socket.on('error', () => undefined);
    });
  }

  static async listen(): Promise<ProbeConnection> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ProbeConnection(server);
  }

  get port(): number {
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  send(command: ProbeCommand): void {
    if (this.socket === undefined) throw new Error('the probe has not connected');
    this.socket.write(`${JSON.stringify(command)}\n`);
  }

  /** The next report; throws when it is a failure or does not come. */
  async next<Kind extends ProbeReport['kind']>(
    ...kinds: Kind[]
  ): Promise<Extract<ProbeReport, { kind: Kind }>> {
    const report = this.arrived.shift() ?? (await this.wait());
    if (report.kind === 'failed') throw new Error(report.message);
    if (!isOneOf(report, kinds)) throw new Error(`expected ${kinds.join(' or ')}: ${report.kind}`);
    return report;
  }

  close(): void {
    this.socket?.destroy();
    this.server.close();
  }

  private wait(): Promise<ProbeReport> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no report from the probe in ${REPORT_TIMEOUT_MS / 1000} s`)),
        REPORT_TIMEOUT_MS,
      );
      this.waiting.push((report) => {
        clearTimeout(timer);
        resolve(report);
      });
    });
  }

  private receive(report: ProbeReport): void {
    const resolve = this.waiting.shift();
    if (resolve === undefined) this.arrived.push(report);
    else resolve(report);
  }
}

function isOneOf<Kind extends ProbeReport['kind']>(
  report: ProbeReport,
  kinds: readonly Kind[],
): report is Extract<ProbeReport, { kind: Kind }> {
  return kinds.some((kind) => kind === report.kind);
}
