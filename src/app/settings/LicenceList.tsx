// What the page is made of and under which licences; loaded when somebody looks.

import type Licences from 'virtual:licences';
import { useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { words } from './words';

export function LicenceList() {
  const w = useScreenWords(words);
  const [licences, setLicences] = useState<typeof Licences | null>(null);
  const load = () => {
    if (!licences) void import('virtual:licences').then((module) => setLicences(module.default));
  };
  return (
    <details className="licences" onToggle={load}>
      <summary>{w('about.licences')}</summary>
      <p className="note">{w('about.licencesLead')}</p>
      <ul>
        {licences?.packages.map(({ name, version, licence, text }) => (
          <li key={`${name}@${version}`}>
            {text === null ? (
              <p>
                {name} {version} <span className="note">{licence}</span>
              </p>
            ) : (
              <details>
                <summary>
                  {name} {version} <span className="note">{licence}</span>
                </summary>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
                <pre tabIndex={0} lang="en">
                  {licences.texts[text]}
                </pre>
              </details>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
