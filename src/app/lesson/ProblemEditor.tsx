// The problem on the lesson's dial.
import { useStudio, useStudioState } from '../studioContext';
import { ProblemNumbers } from './ProblemNumbers';

export function ProblemEditor() {
  const studio = useStudio();
  const numbers = useStudioState((state) => state.ask.numbers);
  return <ProblemNumbers numbers={numbers} onEdit={studio.asking.edit} />;
}
