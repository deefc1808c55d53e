// What is practised, in words.
import type { TaskName } from '../../protocol/runForm';
import type { StudioWords } from './useStudioWords';

export function taskInWords(s: StudioWords['s'], { task = 'dial', level }: { task?: TaskName; level: number }): string {
  return s(task === 'dial' ? 'task.level' : 'task.arithmetic', { n: level });
}
