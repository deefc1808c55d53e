// What the file holds, what its columns are, and which share stays away from training.
import { useId } from 'react';
import { DATASET_KINDS, type DatasetKind } from '../../protocol/datasets';
import type { ColumnMapping, OpenedDataset, SplitShares } from '../../store/datasetsSlice';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useWords } from '../studioContext';
import { words } from './words';

const KINDS = Object.keys(DATASET_KINDS) as DatasetKind[];
type Role = (typeof DATASET_KINDS)[DatasetKind][number];

function SampleTable({ opened }: { opened: OpenedDataset }) {
  const w = useScreenWords(words);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label={w('file.sample')}>
      <table className="sample-rows">
        <thead>
          <tr>
            <th scope="col">{w('file.line')}</th>
            {opened.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {opened.sample.map(({ line, cells }) => (
            <tr key={line}>
              <th scope="row">{line}</th>
              {cells.map((cell, i) => (
                <td key={opened.columns[i]} className="model-text">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface ColumnChoiceProps {
  role: Role;
  mapping: ColumnMapping;
  columns: readonly string[];
}

function ColumnChoice({ role, mapping, columns }: ColumnChoiceProps) {
  const w = useScreenWords(words);
  const { datasets } = useStudio();
  const id = useId();
  return (
    <div className="data-field">
      <label htmlFor={id}>{w(`role.${role}`)}</label>
      <select
        id={id}
        value={mapping.columns[role] ?? ''}
        onChange={({ target }) =>
          datasets.setMapping({ ...mapping, columns: { ...mapping.columns, [role]: target.value } })
        }
      >
        <option value="">{w('mapping.none')}</option>
        {columns.map((column) => (
          <option key={column} value={column}>
            {column}
          </option>
        ))}
      </select>
    </div>
  );
}

function ShareChoice({ shares, split }: { shares: SplitShares; split: 'validation' | 'test' }) {
  const w = useScreenWords(words);
  const { datasets } = useStudio();
  const id = useId();
  return (
    <div className="data-field">
      <label htmlFor={id}>{w(`shares.${split}`)}</label>
      <select
        id={id}
        value={shares[split]}
        onChange={({ target }) => datasets.setShares({ ...shares, [split]: Number(target.value) })}
      >
        {[0, 5, 10, 20, 30].map((share) => (
          <option key={share} value={share}>
            {`${share} %`}
          </option>
        ))}
      </select>
    </div>
  );
}

interface MappingPanelProps {
  opened: OpenedDataset;
  mapping: ColumnMapping | null;
  shares: SplitShares;
}

export function MappingPanel({ opened, mapping, shares }: MappingPanelProps) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { datasets } = useStudio();
  const kindId = useId();
  const chosen: ColumnMapping = mapping ?? { kind: 'completion', columns: {} };
  return (
    <>
      <section className="data-part" aria-labelledby="data-file">
        <h3 id="data-file">{w('file.title')}</h3>
        <p>
          <strong>{opened.name}</strong>{' '}
          <span className="note">
            {w('file.rows', {
              n: format.number(opened.rows),
              columns: opened.columns.length,
              format: opened.format.toUpperCase(),
            })}
          </span>
        </p>
        <SampleTable opened={opened} />
      </section>
      <section className="data-part" aria-labelledby="data-mapping">
        <h3 id="data-mapping">{w('mapping.title')}</h3>
        {!mapping && <p className="needs-you">{w('mapping.unknown')}</p>}
        <div className="data-fields">
          <div className="data-field">
            <label htmlFor={kindId}>{w('mapping.kind')}</label>
            <select
              id={kindId}
              value={chosen.kind}
              onChange={({ target }) => {
                const kind = KINDS.find((known) => known === target.value) ?? 'completion';
                datasets.setMapping({ kind, columns: chosen.columns });
              }}
            >
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {w(`kind.${kind}`)}
                </option>
              ))}
            </select>
          </div>
          {DATASET_KINDS[chosen.kind].map((role) => (
            <ColumnChoice key={role} role={role} mapping={chosen} columns={opened.columns} />
          ))}
        </div>
        <h4>{w('shares.title')}</h4>
        <div className="data-fields">
          <ShareChoice shares={shares} split="validation" />
          <ShareChoice shares={shares} split="test" />
        </div>
        <p className="note">{w('shares.help')}</p>
      </section>
    </>
  );
}
