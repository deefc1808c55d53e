// The lesson: one column, three scenes.
import { useEffect, useState } from 'react';
import { LetItPractise } from './LetItPractise';
import { SeeWhatChanged } from './SeeWhatChanged';
import { WatchItFail } from './WatchItFail';

export function Lesson() {
  const [who, setWho] = useState<'base' | 'trained'>('base');
  // Coming from another screen by a link into the lesson: the browser looked for the place before it was there.
  useEffect(() => {
    const anchor = /^#([a-z]+)$/.exec(window.location.hash)?.[1];
    if (anchor) document.getElementById(anchor)?.scrollIntoView();
  }, []);
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
