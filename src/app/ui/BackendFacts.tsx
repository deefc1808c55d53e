// What runs where and why, in words, and the choice to have it otherwise: in the header's panel and in the settings.
import type { EngineInfo } from '../../store/engineSlice';
import type { BackendChoice } from '../../store/options';
import { isRunActive } from '../../store/studioState';
import { usePreferences, useStudio, useStudioState, useWords } from '../studioContext';
import { Segments } from './Segments';

const reasonKeys = {
  no_webgpu: 'engine.reason.noWebgpu',
  software_adapter: 'engine.reason.softwareAdapter',
  hardware_adapter: 'engine.reason.hardwareAdapter',
  chosen: 'engine.reason.chosen',
  webgpu_failed: 'engine.reason.webgpuFailed',
} as const satisfies Record<EngineInfo['reason'], string>;

export function BackendFacts() {
  const { t, format } = useWords();
  const studio = useStudio();
  const [{ backend }, setPreferences] = usePreferences();
  const { info, phase } = useStudioState((state) => state.engine);
  const model = useStudioState((state) => state.model.info);
  // Paused is enough: the worker puts the run aside and it goes on elsewhere from its checkpoint.
  const running = useStudioState((state) => isRunActive(state) && state.run.run?.status !== 'paused');
  const choose = (choice: BackendChoice) => {
    setPreferences({ backend: choice });
    studio.startEngine(choice);
  };
  return (
    <>
      <p>{t('engine.stays')}</p>
      {info && <p>{t(reasonKeys[info.reason], { adapter: info.adapter || t('engine.unnamedAdapter') })}</p>}
      {info?.reason === 'chosen' && info.adapter && (
        <p className="note">{t('engine.adapter', { adapter: info.adapter })}</p>
      )}
      {info?.backend === 'simd' && (
        <p className="note">
          {t(info.isolated ? 'engine.isolated' : 'engine.notIsolated')}{' '}
          {t(info.relaxedSimd ? 'engine.relaxed' : 'engine.notRelaxed')}
        </p>
      )}
      {model && (
        <p className="note">
          {t('engine.model', {
            parameters: format.compact(model.parameters),
            layers: model.layers,
            hidden: model.hidden,
            vocabulary: model.vocabulary,
            size: format.megabytes(model.bytes),
          })}
        </p>
      )}
      <Segments<BackendChoice>
        label={t('engine.choose')}
        labelled
        options={[
          { value: 'auto', label: t('engine.choose.auto') },
          { value: 'simd', label: t('engine.choose.simd') },
          { value: 'webgpu', label: t('engine.choose.webgpu') },
        ]}
        value={backend}
        onChange={choose}
        disabled={running || phase === 'starting'}
      />
      {running && <p className="note">{t('engine.notWhileRunning')}</p>}
    </>
  );
}
