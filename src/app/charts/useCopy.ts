// Copying text to the clipboard, and whether the browser allowed it.
import { useState } from 'react';

export function useCopy(): [copied: 'yes' | 'no' | null, copy: (text: string) => void] {
  const [copied, setCopied] = useState<'yes' | 'no' | null>(null);
  const copy = (text: string) =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied('yes'),
      () => setCopied('no'),
    );
  return [copied, copy];
}
