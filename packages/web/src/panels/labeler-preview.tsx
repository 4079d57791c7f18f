import type { LabelerPreview as Preview } from '@labelwright/contract/labelers';
import { Box, Stack, Text } from '@mantine/core';
import { LabelChip } from '../design/label-chip.tsx';
import { count, Estimate, percent } from '../design/numbers.tsx';
import { useQuestion } from '../state/project.ts';
import { Excerpt } from './excerpt.tsx';
import classes from './labeler-preview.module.css';

/** What a definition would do to real items, before anything is stored. */
export function LabelerPreview({ preview, isStale }: { preview: Preview; isStale: boolean }) {
  const question = useQuestion();
  const { sampled, voted, votes, against, conflicts, examples, failures } = preview;
  const conflicting = conflicts.filter(({ differ }) => differ > 0);
  return (
    <Stack gap="lg" className={isStale ? classes.stale : undefined} aria-busy={isStale}>
      <dl className={classes.head} aria-label="Effect">
        <div>
          <dt>Coverage</dt>
          <dd>{sampled === 0 ? '–' : percent(voted / sampled)}</dd>
        </div>
        <div>
          <dt>Votes</dt>
          <dd>{count(voted)}</dd>
        </div>
        <div>
          <dt>Right on gold</dt>
          <dd>
            <Estimate value={preview.goldAccuracy} of="Accuracy against gold" />
          </dd>
        </div>
        <div>
          <dt>People agree</dt>
          <dd>
            <Estimate value={preview.peopleAccuracy} of="Agreement with what people answered" />
          </dd>
        </div>
      </dl>
      <Text size="xs" c="dimmed" role="status">
        tried on {count(sampled)} items in {Math.max(1, Math.round(preview.milliseconds))} ms
        {voted === 0 && ': it votes on none of them'}
      </Text>
      {failures > 0 && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          It could not look at {count(failures)} items. The first: {preview.firstFailure}
        </Text>
      )}
      {votes.length > 0 && (
        <div className={classes.chips}>
          {votes.map(({ label, count: n }) => (
            <LabelChip key={label} question={question} label={label}>
              <Text span size="xs" c="dimmed">
                {count(n)}
              </Text>
            </LabelChip>
          ))}
        </div>
      )}
      {against.length > 0 && (
        <Box>
          <Text size="sm" fw={600}>
            Would flip {count(against.reduce((sum, each) => sum + each.count, 0))}, if it were right
          </Text>
          <div className={classes.chips}>
            {against.slice(0, 6).map(({ from, to, count: n }) => (
              <Text key={`${from} ${to}`} size="sm" span>
                {count(n)}: <LabelChip question={question} label={from} /> → <LabelChip question={question} label={to} />
              </Text>
            ))}
          </div>
        </Box>
      )}
      {conflicting.length > 0 && (
        <Box>
          <Text size="sm" fw={600}>
            Against other labelers
          </Text>
          {conflicting.slice(0, 8).map(({ labeler, both, differ }) => (
            <Text key={labeler} size="sm">
              {labeler}{' '}
              <Text span c="dimmed">
                differs on {count(differ)} of {count(both)} common items ({percent(differ / both)})
              </Text>
            </Text>
          ))}
        </Box>
      )}
      {examples.length > 0 && (
        <Box>
          <Text size="sm" fw={600}>
            Examples{examples.some(({ conflicting: is }) => is) && ', conflicting ones first'}
          </Text>
          <ol className={classes.examples} aria-label="Examples">
            {examples.slice(0, 30).map((example) => (
              <Example key={example.ordinal} example={example} />
            ))}
          </ol>
        </Box>
      )}
    </Stack>
  );
}

const partsShown = 4;

function Example({ example }: { example: Preview['examples'][number] }) {
  const question = useQuestion();
  const { id, labels, answer, matches, parts, conflicting, reason } = example;
  const matched = parts.filter(({ name }) => matches.some(({ part }) => part === name));
  const shown = matched.length > 0 ? matched : parts.slice(0, partsShown);
  return (
    <li className={classes.example} data-conflicting={conflicting || undefined}>
      <div className={classes.verdict}>
        <Text span size="xs" c="dimmed">
          {id}
        </Text>
        {labels.map((label) => (
          <LabelChip key={label} question={question} label={label} />
        ))}
        {conflicting && (
          <>
            <Text span size="xs" c="dimmed">
              against
            </Text>
            {answer?.map((label) => (
              <LabelChip key={label} question={question} label={label} />
            ))}
          </>
        )}
        {matches.length === 0 && reason && (
          <Text span size="xs" c="dimmed">
            {reason}
          </Text>
        )}
      </div>
      {shown.map(({ name, content }) => (
        <div key={name}>
          {parts.length > 1 && <span className={classes.partName}>{name}</span>}
          <Excerpt text={content} matches={matches.filter(({ part }) => part === name)} label={labels[0]} />
        </div>
      ))}
    </li>
  );
}
