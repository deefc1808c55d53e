// What is practised, in words.
import type { TaskName } from '../../protocol/runForm';
import type { StudioWords } from './useStudioWords';

export function taskInWords(s: StudioWords['s'], { task = 'dial', level }: { task?: TaskName; level: number }): string {
  const names = { dial: 'task.level', left: 'task.left', arithmetic: 'task.arithmetic' } as const;
  return s(names[task], { n: level });
}
