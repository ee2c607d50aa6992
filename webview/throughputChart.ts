import uPlot from 'uplot';
import type { PanelFigures } from './protocol';
import type { Translate } from './translate';

const HEIGHT = 160;

/** A chart of the last minutes in the theme's colours. The figures beside it say the same in words. */
export class ThroughputChart {
  readonly element = document.createElement('div');
  private plot: uPlot | undefined;
  private data: uPlot.AlignedData = [[], [], [], []];

  constructor(private readonly t: Translate) {
    this.element.className = 'chart';
    this.element.setAttribute('role', 'img');
    this.element.setAttribute('aria-label', t('Throughput of the last five minutes'));
    new ResizeObserver(() => {
      this.plot?.setSize({ width: this.element.clientWidth, height: HEIGHT });
    }).observe(this.element);
    // VS Code puts the theme's kind and colours on the body when another theme is chosen.
    new MutationObserver(() => {
      this.draw();
    }).observe(document.body, {
      attributes: true,
      attributeFilter: ['class', 'data-vscode-theme-id'],
    });
  }

  show({ chart }: PanelFigures): void {
    this.data = [chart.times, chart.decode, chart.prefill, chart.latency];
    if (this.plot === undefined) this.draw();
    else this.plot.setData(this.data);
  }

  private draw(): void {
    this.plot?.destroy();
    const { t } = this;
    const foreground = color('--vscode-foreground', 'gray');
    const grid = { stroke: color('--vscode-editorWidget-border', 'gray'), width: 0.5 };
    const axis = { stroke: foreground, grid, ticks: grid, size: 60 };
    this.plot = new uPlot(
      {
        width: this.element.clientWidth,
        height: HEIGHT,
        cursor: { show: false },
        scales: { tokens: { range: fromZero }, ms: { range: fromZero } },
        axes: [
          { ...axis, size: 32, space: 90, values: (_plot, splits) => splits.map(clockTime) },
          { ...axis, scale: 'tokens' },
          { ...axis, scale: 'ms', side: 1, grid: { show: false } },
        ],
        series: [
          {},
          series(t('Decode (tokens/s)'), 'tokens', color('--vscode-charts-blue', foreground)),
          series(t('Prefill (tokens/s)'), 'tokens', color('--vscode-charts-green', foreground)),
          {
            ...series(t('Latency (ms)'), 'ms', color('--vscode-charts-purple', foreground)),
            dash: [4, 3],
          },
        ],
        legend: { live: false },
      },
      this.data,
      this.element,
    );
  }
}

function series(label: string, scale: string, stroke: string): uPlot.Series {
  return {
    label,
    scale,
    stroke,
    width: 1.5,
    spanGaps: true,
    points: { show: true, size: 5, fill: stroke },
  };
}

function fromZero(_plot: uPlot, _minimum: number, maximum: number): [number, number] {
  return [0, Math.max(10, maximum * 1.1)];
}

function color(variable: string, fallback: string): string {
  const value = getComputedStyle(document.body).getPropertyValue(variable).trim();
  return value === '' ? fallback : value;
}

function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}
