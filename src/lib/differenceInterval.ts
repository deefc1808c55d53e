// The difference of two independent estimates with its interval, from the interval of each: for two shares with Wilson
// intervals this is Newcombe's method 10 (Statistics in Medicine 17, 1998), in general the "square and add" of Zou and Donner
// (Statistics in Medicine 27, 2008).

export interface Estimate {
  value: number;
  /** 95 %; null = its spread is not known. */
  interval: { low: number; high: number } | null;
}

/** a − b. Without both intervals the difference has none. */
export function differenceOf(a: Estimate, b: Estimate): Estimate {
  const value = a.value - b.value;
  if (!a.interval || !b.interval) return { value, interval: null };
  const down = Math.hypot(a.value - a.interval.low, b.interval.high - b.value);
  const up = Math.hypot(a.interval.high - a.value, b.value - b.interval.low);
  return { value, interval: { low: value - down, high: value + up } };
}
