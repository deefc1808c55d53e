// Pictures and numbers of how far two classes of vectors lie apart: principal components for the eye, silhouette and a linear probe
// for the claim. Plain float64; all vectors are equally long.

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

function centred(points: readonly ArrayLike<number>[]): Float64Array[] {
  const size = points[0].length;
  const mean = new Float64Array(size);
  for (const point of points) for (let i = 0; i < size; i++) mean[i] += point[i] / points.length;
  return points.map((point) => Float64Array.from({ length: size }, (_, i) => point[i] - mean[i]));
}

/**
 * The first `count` principal components by power iteration (300 rounds each), a deterministic stand-in for UMAP: no neighbourhoods.
 * @returns coordinates [n][count], and the share of the variance that each component explains
 */
export function principalComponents(points: readonly ArrayLike<number>[], count = 2) {
  let rest = centred(points);
  const variance = (list: readonly Float64Array[]) => list.reduce((sum, point) => sum + dot(point, point), 0);
  const total = variance(rest) || 1;
  const coordinates = points.map(() => new Float64Array(count));
  const explained: number[] = [];
  for (let c = 0; c < count; c++) {
    const before = variance(rest);
    // Starts at the longest vector: never orthogonal to all of them.
    let axis = rest.reduce((longest, point) => (dot(point, point) > dot(longest, longest) ? point : longest)).slice();
    for (let round = 0; round < 300; round++) {
      const next = new Float64Array(axis.length);
      for (const point of rest) {
        const along = dot(point, axis);
        for (let i = 0; i < next.length; i++) next[i] += along * point[i];
      }
      const length = Math.sqrt(dot(next, next));
      if (length === 0) break;
      axis = next.map((x) => x / length);
    }
    const scale = Math.sqrt(dot(axis, axis)) || 1;
    axis = axis.map((x) => x / scale);
    rest = rest.map((point, p) => {
      const along = dot(point, axis);
      coordinates[p][c] = along;
      return point.map((x, i) => x - along * axis[i]);
    });
    explained.push((before - variance(rest)) / total);
  }
  return { coordinates, explained };
}

/** Mean silhouette of two or more labelled groups (Rousseeuw 1987), Euclidean: −1 to 1; 0 for a point alone in its group. */
export function silhouette(points: readonly ArrayLike<number>[], labels: ArrayLike<number>): number {
  const groups = [...new Set(Array.from(labels))];
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
    return Math.sqrt(sum);
  };
  const widths = points.map((point, p) => {
    const means = groups.map((group) => {
      const others = points.filter((_, q) => q !== p && labels[q] === group);
      return others.length === 0
        ? null
        : others.reduce((sum, other) => sum + distance(point, other), 0) / others.length;
    });
    const own = means[groups.indexOf(labels[p])];
    const near = Math.min(...means.filter((mean, g): mean is number => mean !== null && groups[g] !== labels[p]));
    return own === null || !Number.isFinite(near) || Math.max(own, near) === 0 ? 0 : (near - own) / Math.max(own, near);
  });
  return widths.reduce((sum, width) => sum + width, 0) / widths.length;
}

/** Solves a positive definite system in place (Cholesky). */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) for (let i = j; i < n; i++) matrix[i][j] -= matrix[i][k] * matrix[j][k];
    const root = Math.sqrt(matrix[j][j]);
    for (let i = j; i < n; i++) matrix[i][j] /= root;
  }
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= matrix[i][k] * x[k];
    x[i] /= matrix[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= matrix[k][i] * x[k];
    x[i] /= matrix[i][i];
  }
  return x;
}

/** Accuracy of a ridge-regression probe for labels 0 and 1 in `folds`-fold cross-validation; chance is the larger class's share. */
export function linearProbe(
  points: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  folds = 5,
  ridge = 1,
): number {
  const rows = centred(points).map((point) => Float64Array.from([...point, 1]));
  const size = rows[0].length;
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const matrix = Array.from({ length: size }, (_, i) => {
      const row = new Float64Array(size);
      row[i] = ridge;
      return row;
    });
    const target = new Float64Array(size);
    rows.forEach((row, p) => {
      if (p % folds === fold) return;
      const y = labels[p] === 1 ? 1 : -1;
      for (let i = 0; i < size; i++) {
        target[i] += y * row[i];
        for (let j = 0; j <= i; j++) matrix[i][j] += row[i] * row[j];
      }
    });
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) matrix[j][i] = matrix[i][j];
    const weights = solve(matrix, target);
    rows.forEach((row, p) => {
      if (p % folds === fold) right += Number(dot(row, weights) > 0 === (labels[p] === 1));
    });
  }
  return right / rows.length;
}
