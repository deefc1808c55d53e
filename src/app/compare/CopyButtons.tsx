// "Copy as …": a few buttons, and whether the browser allowed it.
import { Copy } from 'lucide-react';
import { useCopy } from '../charts/useCopy';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';

interface CopyButtonsProps {
  /** What is copied, for those who hear the button alone. */
  of: string;
  kinds: readonly { word: 'copy.csv' | 'copy.markdown' | 'copy.svg'; text(): string }[];
}

export function CopyButtons({ of, kinds }: CopyButtonsProps) {
  const word = useScreenWords(words);
  const { t } = useWords();
  const [copied, copy] = useCopy();
  return (
    <span className="copying">
      {kinds.map((kind) => (
        <button key={kind.word} type="button" className="quiet" onClick={() => copy(kind.text())}>
          <Copy size={16} aria-hidden="true" />
          {word(kind.word)}
          <span className="visually-hidden"> {of}</span>
        </button>
      ))}
      <span role="status" className="note">
        {copied && t(copied === 'yes' ? 'chart.copied' : 'chart.copyRefused')}
      </span>
    </span>
  );
}
