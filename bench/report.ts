export interface Latency {
  readonly operation: string;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  /** To a bare table read over the same HTTP stack. */
  readonly ratio: number;
}

export interface Budget {
  readonly operation: string;
  readonly promised: string;
  readonly counted: string;
  readonly kept: boolean;
}

/** The value below which this share of the samples lies. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Two Markdown tables. */
export const table = (latency: readonly Latency[], budgets: readonly Budget[]): string =>
  [
    row(['operation', 'p50 ms', 'p95 ms', 'of a bare read']),
    row(['---', '---:', '---:', '---:']),
    ...latency.map(({ operation, p50, p95, ratio }) =>
      row([operation, p50.toFixed(1), p95.toFixed(1), `${ratio.toFixed(1)} ×`]),
    ),
    '',
    row(['operation', 'table requests promised', 'counted', '']),
    row(['---', '---', '---', '---']),
    ...budgets.map(({ operation, promised, counted, kept }) =>
      row([operation, promised, counted, kept ? 'kept' : 'BROKEN']),
    ),
  ].join('\n');
