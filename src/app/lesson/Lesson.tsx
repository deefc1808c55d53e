// The lesson: one column, three scenes.
import { useState } from 'react';
import { LetItPractise } from './LetItPractise';
import { SeeWhatChanged } from './SeeWhatChanged';
import { WatchItFail } from './WatchItFail';

export function Lesson() {
  const [who, setWho] = useState<'base' | 'trained'>('base');
  const askYourself = () => {
    setWho('trained');
    const watch = document.getElementById('watch');
    watch?.scrollIntoView();
    watch?.querySelector<HTMLElement>('.problem input')?.focus({ preventScroll: true });
  };
  return (
    <>
      <WatchItFail who={who} onWho={setWho} />
      <LetItPractise />
      <SeeWhatChanged onAskYourself={askYourself} />
    </>
  );
}
