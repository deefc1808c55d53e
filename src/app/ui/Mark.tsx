// Right or wrong as a sign with a shape of its own, for eyes that do not see the colour.
import { Check, X } from 'lucide-react';
import { useWords } from '../studioContext';

export function Mark({ right, words = false }: { right: boolean; words?: boolean }) {
  const { t } = useWords();
  const name = t(right ? 'verdict.right' : 'verdict.wrong');
  const Icon = right ? Check : X;
  return (
    <span className={right ? 'mark right' : 'mark wrong'}>
      <Icon size={16} strokeWidth={3} aria-hidden="true" />
      <span className={words ? undefined : 'visually-hidden'}>{name}</span>
    </span>
  );
}
