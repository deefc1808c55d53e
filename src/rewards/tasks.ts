// The tasks a run can practise, by the name that its configuration says.
import type { TaskName } from '../protocol/runForm';
import { arithmeticTask } from './arithmeticTask';
import { dialTask } from './dialTask';
import { leftTask } from './leftTask';
import type { Task } from './task';

export interface ChosenTask {
  /** Left out in runs of earlier versions of the page: Dial. */
  task?: TaskName;
  /** Dial, Left: amount of numbers. Arithmetic: digits of both numbers. */
  level: number;
}

/** Problems are of the task's own making: whoever asks passes them back without looking into them. */
export function taskOf({ task = 'dial', level }: ChosenTask): Task<unknown> {
  if (task === 'arithmetic') return arithmeticTask({ digits: level, differences: true }) as Task<unknown>;
  return (task === 'left' ? leftTask(level) : dialTask(level)) as Task<unknown>;
}
