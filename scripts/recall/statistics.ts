/** A share with its 95 % interval. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

const Z = 1.959964;

/**
 * The share of right answers. The answers of one trial depend on each other: they count for fewer by the design effect, the
 * variance between trials over the one that independent answers would have (Kish 1965), where that is above 1. The interval is
 * Wilson's (1927). Trials have equally many answers.
 */
export function shareOf(trials: readonly (readonly boolean[])[]): Share {
  const perTrial = trials[0]?.length ?? 0;
  const answers = trials.length * perTrial;
  if (answers === 0) throw new Error('no answers');
  const means = trials.map((each) => each.filter(Boolean).length / perTrial);
  const share = means.reduce((sum, mean) => sum + mean, 0) / trials.length;
  const independent = (share * (1 - share)) / perTrial;
  const between =
    means.reduce((sum, mean) => sum + (mean - share) ** 2, 0) / Math.max(1, trials.length - 1);
  const effect = independent > 0 ? Math.max(1, between / independent) : 1;
  return { share, ...wilson(share, answers / effect) };
}

/** Wilson's score interval of a share of `n`. */
export function wilson(share: number, n: number): { low: number; high: number } {
  const z2 = (Z * Z) / n;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n))) / (1 + z2);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
