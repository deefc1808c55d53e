// Where it computes, in two words; the panel says why, and lets one choose.
import { Cpu } from 'lucide-react';
import type { EngineInfo } from '../../store/engineSlice';
import type { Translate } from '../i18n/catalogue';
import { useStudioState, useWords } from '../studioContext';
import { BackendFacts } from './BackendFacts';
import { Pill } from './Pill';

function shortName(t: Translate, info: EngineInfo): string {
  if (info.backend === 'webgpu') return t('engine.webgpu');
  return t(info.threads === 1 ? 'engine.simdOne' : 'engine.simd', { threads: info.threads });
}

export function BackendPill() {
  const { t } = useWords();
  const { info, phase } = useStudioState((state) => state.engine);
  const gone = useStudioState((state) => state.workerFault !== null);
  const state =
    gone || phase === 'failed'
      ? t('engine.failed')
      : info && phase === 'ready'
        ? shortName(t, info)
        : t('engine.starting');
  return (
    <Pill
      title={t('engine.title')}
      label={
        <>
          <Cpu size={16} aria-hidden="true" />
          <span className="visually-hidden">{t('engine.title')}: </span>
          {state}
        </>
      }
    >
      <h2>{t('engine.title')}</h2>
      <BackendFacts />
    </Pill>
  );
}
