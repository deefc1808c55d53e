// Learning-rate schedules as factors of the peak rate; step counts from 0.

/** Linear warm-up, then a half cosine down to `floor`. */
export function warmupCosine(step: number, total: number, warmup: number, floor: number): number {
  if (step < warmup) return (step + 1) / warmup;
  const progress = (step - warmup) / Math.max(1, total - warmup);
  return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}

/** Linear warm-up, constant, then a line down to `floor` over the last `decay` share of the steps. */
export function warmupConstantDecay(step: number, total: number, warmup: number, decay: number, floor: number): number {
  if (step < warmup) return (step + 1) / warmup;
  const start = total * (1 - decay);
  if (step < start || decay === 0) return 1;
  return 1 - (1 - floor) * Math.min(1, (step - start + 1) / (total - start));
}
