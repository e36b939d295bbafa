// Which values of a row of times are far from those before them.

/**
 * Give for each value the band mean ± threshold · σ of the `window` values before it (of the population; the
 * lower edge shown is never below nothing), and whether it is outside, as were `consecutive - 1` before it.
 * The first values have no whole window before them, and so no band.
 */
export function bands(values, { window, threshold, consecutive }) {
  let run = 0;
  return Array.from(values, (value, at) => {
    if (at < window) return { value, low: null, high: null, outlier: false };
    const before = values.slice(at - window, at);
    const mean = before.reduce((sum, each) => sum + each, 0) / window;
    const variance = before.reduce((sum, each) => sum + (each - mean) ** 2, 0) / window;
    const reach = threshold * Math.sqrt(variance);
    run = value > mean + reach || value < mean - reach ? run + 1 : 0;
    return { value, low: Math.max(0, mean - reach), high: mean + reach, outlier: run >= consecutive };
  });
}
