// How fast the tested engine is, in words, and the engines of this machine side by side.
import type { BackendName } from '../../protocol/events';
import type { EngineSpeed, SelfTestState } from '../../store/selfTestSlice';
import { useScreenWords } from '../i18n/screenWords';
import { useStudioState, useWords } from '../studioContext';
import { words } from './words';

const ENGINES: readonly BackendName[] = ['simd', 'webgpu'];

function useRates() {
  const { format } = useWords();
  return {
    gflops: ({ matmul }: EngineSpeed) => format.number(matmul.gflops, matmul.gflops < 10 ? 1 : 0),
    learning: ({ model }: EngineSpeed) => format.number(model.learning.tokensPerSecond),
    writing: ({ model }: EngineSpeed) => format.number(model.writing.tokensPerSecond),
  };
}

export function Speed(speed: EngineSpeed) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const rates = useRates();
  const { matmul, model } = speed;
  return (
    <>
      <p>
        {w('test.matmul', {
          size: format.number(matmul.size),
          gflops: rates.gflops(speed),
          runs: format.number(matmul.runs),
        })}
      </p>
      <p>
        {w('test.model', {
          parameters: format.compact(model.parameters),
          learning: rates.learning(speed),
          rows: format.number(model.learning.rows),
          tokens: format.number(model.learning.tokens),
          writing: rates.writing(speed),
          answers: format.number(model.writing.rows),
        })}
      </p>
    </>
  );
}

/** Why only one engine stands here, or which one learns faster. */
function Explanation({ speeds }: { speeds: SelfTestState['speeds'] }) {
  const w = useScreenWords(words);
  const { t, format } = useWords();
  const info = useStudioState((state) => state.engine.info);
  const { simd, webgpu } = speeds;
  if (simd && webgpu) {
    const factor = webgpu.model.learning.tokensPerSecond / simd.model.learning.tokensPerSecond;
    const times = format.number(Math.max(factor, 1 / factor), 1);
    return <p className="note">{w(factor > 1 ? 'speed.gpuFaster' : 'speed.cpuFaster', { times })}</p>;
  }
  const adapter = info?.adapter || t('engine.unnamedAdapter');
  if (info?.reason === 'software_adapter') return <p className="note">{w('speed.software', { adapter })}</p>;
  if (info?.reason === 'no_webgpu') return <p className="note">{w('speed.noGpu')}</p>;
  if (info?.reason === 'webgpu_failed') return <p className="note">{w('speed.gpuFailed')}</p>;
  return <p className="note">{w(simd ? 'speed.otherGpu' : 'speed.otherCpu')}</p>;
}

export function Comparison({ speeds }: { speeds: SelfTestState['speeds'] }) {
  const w = useScreenWords(words);
  const rates = useRates();
  const tested = ENGINES.flatMap((engine) => {
    const speed = speeds[engine];
    return speed ? [{ engine, speed }] : [];
  });
  if (tested.length === 0) return null;
  return (
    <>
      <table className="engine-speeds">
        <caption>{w('speed.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{w('speed.engine')}</th>
            <th scope="col">{w('speed.matmul')}</th>
            <th scope="col">{w('speed.learning')}</th>
            <th scope="col">{w('speed.writing')}</th>
          </tr>
        </thead>
        <tbody>
          {tested.map(({ engine, speed }) => (
            <tr key={engine}>
              <th scope="row">
                {w(engine === 'simd' ? 'speed.simd' : 'speed.webgpu')}
                {speed.adapter && ` (${speed.adapter})`}
              </th>
              <td>{rates.gflops(speed)}</td>
              <td>{rates.learning(speed)}</td>
              <td>{rates.writing(speed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Explanation speeds={speeds} />
    </>
  );
}
