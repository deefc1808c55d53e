// What went wrong in one clear sentence of the page, the exact words of whoever noticed, and a way on.
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WireError } from '../../protocol/errors';

interface ErrorPanelProps {
  title: string;
  error: WireError | null;
  /** The way on: one or two buttons. */
  children?: ReactNode;
}

export function ErrorPanel({ title, error, children }: ErrorPanelProps) {
  return (
    <div className="error-panel" role="alert" data-kind={error?.kind}>
      <TriangleAlert size={16} aria-hidden="true" />
      <div>
        <p className="error-title">{title}</p>
        {/* Errors are worded where they happen, in English. */}
        {error && (
          <p className="error-detail" lang="en">
            {error.message}
          </p>
        )}
        {children && <div className="actions">{children}</div>}
      </div>
    </div>
  );
}
