// The list of keys as a dialog: Escape or a click beside it closes, and the focus goes back to where it was.
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { hrefOf } from '../place';
import { KeyTable } from './KeyTable';
import { words } from './words';
import './keyboard.css';

export default function KeyboardHelp({ onClose }: { onClose(): void }) {
  const w = useScreenWords(words);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      className="keyboard-help"
      aria-labelledby="keyboard-title"
      onClose={onClose}
      onClick={(event) => {
        // A click on the backdrop reaches the dialog itself, never one of its children.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div className="keyboard-help-body">
        <header>
          <h2 id="keyboard-title">{w('title')}</h2>
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            <X size={16} aria-hidden="true" />
            {w('close')}
          </button>
        </header>
        <KeyTable />
        <p className="note">
          {w('note')}{' '}
          <a href={hrefOf('settings')} onClick={() => dialog.current?.close()}>
            {w('settings')}
          </a>
        </p>
      </div>
    </dialog>
  );
}
