// Models: what is loaded, what could be, and what it would need. Nothing is fetched before a person has seen how much it is.
import { useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { InTurn } from '../ui/InTurn';
import { HubForm, hubAtStart } from './HubForm';
import { LookedAtModel } from './LookedAtModel';
import { KeptModels, SuggestedModels } from './ModelCards';
import { ModelFiles } from './ModelFiles';
import { ModelInUse } from './ModelInUse';
import { words } from './words';
import './models.css';

export default function ModelsScreen() {
  const w = useScreenWords(words);
  const [access, setAccess] = useState(hubAtStart);
  return (
    <div className="models">
      <header>
        <h2>{w('title')}</h2>
        <p className="lead">{w('lead')}</p>
      </header>
      <ModelInUse />
      <LookedAtModel />
      <InTurn>
        <div className="models-own">
          <ModelFiles />
          <HubForm access={access} onAccess={setAccess} />
        </div>
      </InTurn>
      <InTurn>
        <KeptModels />
      </InTurn>
      <InTurn>
        <SuggestedModels access={access} />
      </InTurn>
    </div>
  );
}
