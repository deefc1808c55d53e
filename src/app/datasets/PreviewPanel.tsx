// One row as the model reads it: the conversation, and the same as tokens with the targets of the loss marked.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { DatasetReport, TokenPiece } from '../../store/datasetsSlice';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useWords } from '../studioContext';
import { words } from './words';

const kindOf = (piece: TokenPiece) =>
  [
    'piece',
    piece.tokens === 0 && 'gap',
    piece.trained && 'trained',
    piece.special && 'special',
    piece.unknown && 'unknown',
  ]
    .filter(Boolean)
    .join(' ');

/** A line break is seen as a sign and breaks the line. */
const visible = (text: string) => text.replaceAll('\n', '↵\n').replaceAll('\t', '⇥');

function Pieces({ pieces }: { pieces: readonly TokenPiece[] }) {
  const w = useScreenWords(words);
  return (
    <>
      <p className="piece-legend note" aria-hidden="true">
        <span className="piece trained">{w('legend.trained')}</span>
        <span className="piece">{w('legend.read')}</span>
        <span className="piece special">{w('legend.special')}</span>
        <span className="piece unknown">{w('legend.unknown')}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="pieces model-text" tabIndex={0} aria-label={w('preview.tokens')}>
        {pieces.map((piece, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the row
          <span key={i} className={kindOf(piece)}>
            {visible(piece.text)}
          </span>
        ))}
      </section>
    </>
  );
}

interface PreviewPanelProps {
  report: DatasetReport;
  isPreference: boolean;
}

export function PreviewPanel({ report, isPreference }: PreviewPanelProps) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { datasets } = useStudio();
  const [row] = report.previews;
  if (!row) return null;
  const { offset, usable } = report;
  return (
    <section className="data-part" aria-labelledby="data-preview">
      <h3 id="data-preview">{w('preview.title')}</h3>
      <p className="note">
        {report.model ? w('preview.lead', { model: report.model }) : w('preview.noModel')}
        {isPreference && ` ${w('preview.chosen')}`}
      </p>
      <div className="row-turner">
        <button type="button" disabled={offset === 0} onClick={() => datasets.turnTo(offset - 1)}>
          <ChevronLeft size={16} aria-hidden="true" />
          <span className="visually-hidden">{w('preview.previous')}</span>
        </button>
        <span role="status">
          {w('preview.place', {
            n: format.number(offset + 1),
            all: format.number(usable),
            line: format.number(row.line),
            split: w(`split.${row.split}`),
          })}
        </span>
        <button type="button" disabled={offset + 1 >= usable} onClick={() => datasets.turnTo(offset + 1)}>
          <ChevronRight size={16} aria-hidden="true" />
          <span className="visually-hidden">{w('preview.next')}</span>
        </button>
      </div>
      <div className="preview-columns">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section className="chat-lines" tabIndex={0} aria-label={w('preview.chat')}>
          {row.messages.map(({ role, content }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a message is its place in the row
            <div key={i} className="chat-line" data-role={role}>
              <p className="note">{role === 'assistant' || role === 'system' ? w(`role.${role}`) : w('role.user')}</p>
              <p className="chat-text">{content}</p>
            </div>
          ))}
        </section>
        {row.pieces && (
          <div>
            <Pieces pieces={row.pieces} />
            <p className="note">
              {w('preview.counts', { tokens: format.number(row.tokens), trained: format.number(row.trained) })}
              {row.isCut && ` ${w('preview.cut')}`}
            </p>
          </div>
        )}
      </div>
    </section>
  );
}
