// Where the time of one training step goes: a bar of the kinds of work, and under each of them its kernels.
import type { StepPart, StepProfile } from '../../protocol/events';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';

const PARTS: readonly StepPart[] = ['products', 'writing', 'attention', 'otherKernels', 'outside'];

export function StepBar({ profile }: { profile: StepProfile }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { milliseconds, parts, kernels, steps } = profile;
  const percent = (part: number) => format.percent(part / milliseconds);
  const width = (part: number) => ({ flexGrow: part, flexBasis: 0 });
  return (
    <figure className="step-bar">
      <figcaption>
        {w('step.title', { milliseconds: format.number(milliseconds), steps: format.number(steps) })}
      </figcaption>
      <div aria-hidden="true" className="step-bar-parts">
        {PARTS.map((part) => (
          <div key={part} style={width(parts[part])}>
            <div className={`step-part ${part}`} />
            <div className="step-kernels">
              {kernels
                .filter((kernel) => kernel.part === part)
                .map((kernel) => (
                  <i
                    key={kernel.kernel}
                    className={`step-part ${part}`}
                    style={width(kernel.milliseconds)}
                    title={`${kernel.kernel}: ${percent(kernel.milliseconds)}`}
                  />
                ))}
            </div>
          </div>
        ))}
      </div>
      <ul>
        {PARTS.map((part) => (
          <li key={part}>
            <i aria-hidden="true" className={`step-part ${part}`} /> {w(`step.${part}`)} {percent(parts[part])}
          </li>
        ))}
      </ul>
    </figure>
  );
}
