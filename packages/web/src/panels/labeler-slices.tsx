import type { Labeler } from '@labelwright/contract/labelers';
import type { SliceReport } from '@labelwright/contract/llm';
import { Alert, Skeleton, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, keys } from '../api.ts';
import { LabelChip } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, Estimate, roundPercent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useProject, useQuestion } from '../state/project.ts';
import { judgeWords } from './confidence-view.tsx';
import classes from './prompt.module.css';

/** Where its errors are concentrated: rates by field, language and length. */
export function LabelerSlices({ labeler: { id, name } }: { labeler: Labeler }) {
  const { id: project } = useProject();
  const report = useQuery({
    queryKey: [...keys.labelers(project), id, 'slices'],
    queryFn: () => api.getSlices({ params: { project, labeler: id }, query: {} }),
    placeholderData: keepPreviousData,
  });
  if (report.error) return <ErrorNotice error={report.error} retry={() => void report.refetch()} />;
  if (!report.data)
    return (
      <Later>
        <Skeleton h={200} aria-label="Loading" />
      </Later>
    );
  const { judge, overall, slices, warnings } = report.data;
  if (slices.length === 0)
    return (
      <EmptyState title="Nothing to part the items by yet">
        Once {name} has answered, this shows its labels and errors by every field, by language and by length.
      </EmptyState>
    );
  return (
    <>
      <Text>
        {judge === 'none' ? (
          'Neither gold nor people say what is right yet: these are the labels that it gives in each group. With some gold, its errors stand here too.'
        ) : (
          <>
            Wrong on <Estimate value={overall.error} of={`Errors of ${name}`} /> of {count(overall.n)} items judged by {judgeWords[judge]}.
          </>
        )}
      </Text>
      {warnings.map((warning) => (
        <Alert key={warning} color="orange" mt="sm">
          {warning}
        </Alert>
      ))}
      <Slices slices={slices} />
    </>
  );
}

function Slices({ slices }: { slices: SliceReport['slices'] }) {
  const question = useQuestion();
  return (
    <div className={page.scroll} style={{ marginTop: 16 }} role="region" aria-label="Groups" tabIndex={0}>
      <table className={page.table} aria-label="Errors by group">
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Wrong</th>
            <th scope="col" data-number>
              Items
            </th>
            <th scope="col">It says</th>
          </tr>
        </thead>
        <tbody>
          {slices.map(({ field, value, error, items, labels, concentrated, pValue }) => (
            <tr key={`${field} ${value}`}>
              <td className={classes.id}>
                <Text span c="dimmed">
                  {field}:
                </Text>{' '}
                {value}
              </td>
              <td>
                <Estimate value={error} of={`Errors where ${field} is ${value}`} />
                {concentrated && (
                  <Text size="xs" className={classes.warn ?? ''}>
                    more than elsewhere{pValue !== null && `, p ${pValue < 0.001 ? '< 0.001' : `= ${pValue.toFixed(3)}`}`}
                  </Text>
                )}
              </td>
              <td data-number>{count(items)}</td>
              <td>
                <span className={classes.bar}>
                  {labels
                    .filter(({ share }) => share > 0)
                    .slice(0, 4)
                    .map(({ label, share }) => (
                      <LabelChip key={label} question={question} label={label}>
                        <Text span size="xs" c="dimmed">
                          {roundPercent(share)}
                        </Text>
                      </LabelChip>
                    ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
