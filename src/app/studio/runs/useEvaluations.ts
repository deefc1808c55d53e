// The measurements of one run on validation problems: live where it is on screen, else read from storage once per change.
import { useEffect, useState } from 'react';
import type { Evaluation } from '../../../protocol/events';
import type { StoredRunSummary } from '../../../store/library';
import { useStudio, useStudioState } from '../../studioContext';

const none: readonly Evaluation[] = [];

export function useEvaluations({ config, status, step }: StoredRunSummary): readonly Evaluation[] {
  const { library } = useStudio();
  const onScreen = useStudioState((state) =>
    state.run.run?.config.id === config.id ? state.run.run.evaluations : null,
  );
  const isOnScreen = onScreen !== null;
  const [stored, setStored] = useState(none);
  // biome-ignore lint/correctness/useExhaustiveDependencies: status and step tell that there are new ones
  useEffect(() => {
    if (isOnScreen) return;
    let isWanted = true;
    void library.readEvaluations(config.id).then((evaluations) => {
      if (isWanted) setStored(evaluations.filter(({ slice }) => slice === 'validation'));
    });
    return () => {
      isWanted = false;
    };
  }, [library, config.id, status, step, isOnScreen]);
  return onScreen ?? stored;
}
