// The tour: a small card that floats over the lesson and points at one thing after the other. Not modal: the page stays usable.
// Escape, "Leave", another screen, or a click beside the card and beside what it points at, end it; the focus goes back.
import { ArrowLeft, ArrowRight, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';
import './tour.css';

type TourWord = keyof typeof words.en;

const stops: readonly { target: string; title: TourWord; body: TourWord }[] = [
  { target: '#watch .problem', title: 'problem.title', body: 'problem.body' },
  { target: '#watch button.primary', title: 'ask.title', body: 'ask.body' },
  { target: '#practise', title: 'practise.title', body: 'practise.body' },
  { target: '#changed', title: 'changed.title', body: 'changed.body' },
  { target: '.header-tools', title: 'tools.title', body: 'tools.body' },
];

/** Marks what the stop is about (the ring is drawn by the style sheet) and brings it into view. */
function pointAt(selector: string): () => void {
  const target = document.querySelector(selector);
  if (!target) return () => undefined;
  target.setAttribute('data-tour', '');
  const isTall = target.getBoundingClientRect().height > window.innerHeight / 2;
  target.scrollIntoView({ block: isTall ? 'start' : 'center' });
  return () => target.removeAttribute('data-tour');
}

export default function Tour({ onLeave }: { onLeave(): void }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const card = useRef<HTMLElement>(null);
  const [at, setAt] = useState(0);
  const stop = stops[at];
  const isLast = at === stops.length - 1;

  useEffect(() => pointAt(stop.target), [stop.target]);

  useEffect(() => {
    const before = document.activeElement;
    card.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before !== document.body) before.focus({ preventScroll: true });
    };
  }, []);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      onLeave();
    };
    const click = ({ target }: PointerEvent) => {
      const isMeant = target instanceof Element && (card.current?.contains(target) || target.closest('[data-tour]'));
      if (!isMeant) onLeave();
    };
    document.addEventListener('keydown', press);
    document.addEventListener('pointerdown', click);
    return () => {
      document.removeEventListener('keydown', press);
      document.removeEventListener('pointerdown', click);
    };
  }, [onLeave]);

  const begin = () => {
    window.scrollTo({ top: 0 });
    onLeave();
  };
  return (
    <section ref={card} className="tour" role="dialog" aria-label={w('label')} tabIndex={-1}>
      <div aria-live="polite">
        <h2>{w(stop.title)}</h2>
        <p>{w(stop.body)}</p>
      </div>
      <div className="tour-foot">
        <button type="button" className="quiet" onClick={onLeave}>
          <X size={16} aria-hidden="true" />
          {w('leave')}
        </button>
        <span className="note">{w('place', { n: format.number(at + 1), all: format.number(stops.length) })}</span>
      </div>
      <div className="actions">
        <button type="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
          <ArrowLeft size={16} aria-hidden="true" />
          {w('back')}
        </button>
        <button type="button" className="primary" onClick={() => (isLast ? begin() : setAt(at + 1))}>
          {w(isLast ? 'done' : 'next')}
          {!isLast && <ArrowRight size={16} aria-hidden="true" />}
        </button>
      </div>
    </section>
  );
}
