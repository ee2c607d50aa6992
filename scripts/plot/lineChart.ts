import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

export interface ChartSeries {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** For what was computed, or is a level to compare with. */
  isDashed?: boolean;
}

export interface ChartAxis {
  name: string;
  scale: 'linear' | 'log2' | 'log10';
  min?: number;
  max?: number;
}

export interface ChartOptions {
  title: string;
  x: ChartAxis;
  y: ChartAxis;
  series: readonly ChartSeries[];
}

const WIDTH = 760;
const HEIGHT = 420;
/** Space for a row of the legend, three names wide. */
const LEGEND_ROW = 20;
const LEGEND_COLUMNS = 3;
/** Told apart with colour-blind eyes too. Source: Okabe and Ito 2008, without the yellow that vanishes on white. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#000000', '#e69f00', '#56b4e9'];

/** Draws lines with points as an SVG document with its own white ground. */
export function lineChart({ title, x, y, series }: ChartOptions): string {
  use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const chart = init(undefined, undefined, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  });
  const bottom = 56 + LEGEND_ROW * Math.ceil(series.length / LEGEND_COLUMNS);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: COLORS,
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 4, itemGap: 14 },
    grid: { left: 64, right: 24, top: 48, bottom },
    xAxis: axis(x, 'middle', 26),
    yAxis: axis(y, 'end', 12),
    series: series.map(({ name, points, isDashed }) => ({
      type: 'line',
      name,
      data: points.map(([px, py]) => [px, py]),
      symbol: isDashed ? 'none' : 'circle',
      symbolSize: 6,
      lineStyle: { width: 2, type: isDashed ? 'dashed' : 'solid' },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

function axis({ name, scale, min, max }: ChartAxis, nameLocation: 'middle' | 'end', gap: number) {
  return {
    name,
    nameLocation,
    nameGap: gap,
    ...(scale === 'linear'
      ? { type: 'value' as const }
      : { type: 'log' as const, logBase: scale === 'log2' ? 2 : 10 }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    axisLabel: { formatter: shortNumber },
  };
}

/** 16384 as 16k: powers of two are what lengths are. */
function shortNumber(value: number): string {
  return value >= 1024 && value % 1024 === 0 ? `${value / 1024}k` : String(value);
}
