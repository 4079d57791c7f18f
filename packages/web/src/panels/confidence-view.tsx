import type { ConfidenceReport } from '@labelwright/contract/llm';
import type { Labeler } from '@labelwright/contract/labelers';
import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, keys } from '../api.ts';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, percent } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import { useProject } from '../state/project.ts';
import { ReliabilityDiagram } from './reliability-diagram.tsx';
import classes from './prompt.module.css';

export const judgeWords = { gold: 'gold', people: 'what people answered', none: 'nothing yet' } as const;

/** How far it is right when it says how sure it is: as it says, and as the aggregator counts it. */
export function ConfidenceView({ labeler: { id, question, name } }: { labeler: Labeler }) {
  const { id: project } = useProject();
  const report = useQuery({
    queryKey: [...keys.labelers(project), id, 'confidence', question],
    queryFn: () => api.getConfidence({ params: { project, labeler: id }, query: { question } }),
  });
  if (report.error) return <ErrorNotice error={report.error} retry={() => void report.refetch()} />;
  if (!report.data)
    return (
      <Later>
        <Skeleton h={280} aria-label="Loading" />
      </Later>
    );
  const { judge, n, stated, calibrated } = report.data;
  if (judge === 'none' || n === 0)
    return (
      <EmptyState title="Nothing to judge it by yet">
        Set gold, or label some of the items that {name} answered. Then this shows whether its 90 % are right nine times in ten, as it says
        and as it is counted.
      </EmptyState>
    );
  if (!stated)
    return (
      <EmptyState title="It does not say how sure it is">
        Choose a source of confidence in its settings: log probabilities, agreement of samples, or what it states.
      </EmptyState>
    );
  return (
    <>
      <Text>
        {words(stated, calibrated)}{' '}
        <Text span c="dimmed">
          Judged on {count(n)} items by {judgeWords[judge]}.
        </Text>
      </Text>
      <div className={classes.pair}>
        <Section title="As it says" note={`calibration error ${percent(stated.expectedCalibrationError)}`}>
          <ReliabilityDiagram reliability={{ ...stated, n }} />
        </Section>
        {calibrated && (
          <Section
            title="As it is counted"
            note={`calibration error ${percent(calibrated.expectedCalibrationError)}, by ${calibrated.method}`}
          >
            <ReliabilityDiagram reliability={{ ...calibrated, n }} />
          </Section>
        )}
      </div>
      {calibrated && (
        <Text size="xs" c="dimmed" mt="sm">
          Each item is judged by a map that has not seen it.
        </Text>
      )}
    </>
  );
}

function words(stated: NonNullable<ConfidenceReport['stated']>, calibrated: ConfidenceReport['calibrated']): string {
  const said = `Its confidence is off by ${percent(stated.expectedCalibrationError)} on average`;
  if (!calibrated) return `${said}. There are too few judged answers to correct it.`;
  return `${said}; corrected, by ${percent(calibrated.expectedCalibrationError)}.`;
}
