// GKD's loss between a student S and a teacher T over whole distributions, as plain numbers (Agarwal et al. 2023, arXiv 2306.13649):
//   D(β) = β KL(T ‖ M) + (1 − β) KL(S ‖ M),  M = β T + (1 − β) S;   D(0) = KL(T ‖ S),  D(1) = KL(S ‖ T)
// summed over the vocabulary, mean over tokens. D(0) and D(1) are cases of their own: the formula's limits there are 0.

/** log softmax of row `i` of [N, V] logits, float64 */
export function logSoftmaxRow(logits: ArrayLike<number>, vocabulary: number, i: number): Float64Array {
  const row = Float64Array.from({ length: vocabulary }, (_, v) => logits[i * vocabulary + v]);
  const top = row.reduce((largest, x) => Math.max(largest, x));
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
  return row.map((x) => x - top - total);
}

/**
 * @param student [N · V] and `teacher` [N · V]: logits
 * @returns the loss, and weights [N · V] of the student's log S: the gradient of −Σ w log S is that of the loss
 */
export function divergenceWeights(
  student: ArrayLike<number>,
  teacher: ArrayLike<number>,
  vocabulary: number,
  beta: number,
): { loss: number; weights: Float64Array } {
  const tokens = student.length / vocabulary;
  const weights = new Float64Array(student.length);
  let loss = 0;
  for (let i = 0; i < tokens; i++) {
    const [logS, logT] = [student, teacher].map((logits) => logSoftmaxRow(logits, vocabulary, i));
    for (let v = 0; v < vocabulary; v++) {
      const [s, t] = [Math.exp(logS[v]), Math.exp(logT[v])];
      const at = i * vocabulary + v;
      if (beta === 0) {
        loss += (t * (logT[v] - logS[v])) / tokens;
        weights[at] = t / tokens;
        continue;
      }
      // Where both are 0 to float64, a word adds nothing.
      const logM = beta === 1 ? logT[v] : Math.log(beta * t + (1 - beta) * s);
      const ofStudent = s > 0 ? s * (logS[v] - logM) : 0;
      const ofTeacher = beta < 1 && t > 0 ? t * (logT[v] - logM) : 0;
      const share = beta === 1 ? 1 : 1 - beta;
      loss += (share * ofStudent + beta * ofTeacher) / tokens;
      weights[at] = (-share * ofStudent) / tokens;
    }
  }
  return { loss, weights };
}
