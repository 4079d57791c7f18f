import type { Labeler } from '@labelwright/contract/labelers';
import type { ReactNode } from 'react';
import { ActionIcon, Menu, Switch, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { LabelChip } from '../design/label-chip.tsx';
import { count, Estimate, percent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useRowKeys } from '../design/row-keys.ts';
import classes from '../pages/labelers.module.css';
import { deleteLabeler, switchLabeler, type Technique } from '../state/labelers.ts';
import { useMay, useProject, useQuestion } from '../state/project.ts';

interface LabelerTableProps {
  readonly labelers: readonly Labeler[];
  readonly techniques: readonly Technique[];
  readonly onEdit: (labeler: number) => void;
}

const columns = [
  { title: 'Name' },
  { title: 'Kind' },
  { title: 'Votes for' },
  { title: 'Coverage', help: 'Share of all items that it votes on' },
  { title: 'Overlaps', help: 'Share of all items where another labeler votes as well', isNumber: true },
  { title: 'Conflicts', help: 'Share of all items where another labeler says something else', isNumber: true },
  { title: 'Accuracy', help: 'On gold items where there are some; else on items that people answered; else what the aggregator estimates' },
  {
    title: 'Adds',
    help: 'Marginal value: how many percent of the items would no longer be right if this labeler alone were silent, by gold where there is enough, else by the posterior. Copies of one labeler add nothing one by one',
  },
  { title: 'Cost per vote', isNumber: true },
  { title: 'On' },
] as const;

/** All labelers, whatever they are made of, side by side. */
export function LabelerTable({ labelers, techniques, onEdit }: LabelerTableProps) {
  const rows = useRowKeys<HTMLTableSectionElement>();
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Labelers">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" data-number={'isNumber' in column || undefined}>
                {'help' in column ? (
                  <Tooltip label={column.help} multiline maw={280}>
                    <span tabIndex={0}>{column.title}</span>
                  </Tooltip>
                ) : (
                  column.title
                )}
              </th>
            ))}
            <th scope="col">
              <span className="lw-hidden">More</span>
            </th>
          </tr>
        </thead>
        <tbody ref={rows}>
          {labelers.map((labeler) => (
            <Row
              key={labeler.id}
              labeler={labeler}
              kind={
                labeler.kind === 'computed' ? (techniques.find(({ name }) => name === labeler.use)?.title ?? labeler.use) : labeler.kind
              }
              onEdit={onEdit}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ labeler, kind, onEdit }: { labeler: Labeler; kind: string; onEdit: (labeler: number) => void }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const mayChange = useMay('manager');
  const { id, name, statistics, enabled, version, costUsd } = labeler;
  const share = (value: number | undefined) => (value === undefined ? '–' : percent(value));
  return (
    <tr>
      <td className={classes.name}>
        {labeler.kind === 'computed' ? (
          <UnstyledButton className={classes.nameButton} data-row onClick={() => onEdit(id)}>
            {name}
          </UnstyledButton>
        ) : (
          <Text span fw={550}>
            {name}
          </Text>
        )}
        {version > 1 && (
          <Text span size="xs" c="dimmed">
            {' '}
            v{version}
          </Text>
        )}
        {statistics && statistics.failures > 0 && (
          <Tooltip label={statistics.firstFailure} multiline maw={360}>
            <Text size="xs" c="var(--mantine-color-error)" tabIndex={0}>
              could not look at {count(statistics.failures)} items
            </Text>
          </Tooltip>
        )}
      </td>
      <td>{kind}</td>
      <td>
        <div className={classes.chips}>
          {statistics?.votes.slice(0, 4).map(({ label, count: votes }) => (
            <LabelChip key={label} question={question} label={label}>
              <Text span size="xs" c="dimmed">
                {count(votes)}
              </Text>
            </LabelChip>
          ))}
          {statistics && statistics.votes.length > 4 && (
            <Text span size="xs" c="dimmed">
              +{statistics.votes.length - 4}
            </Text>
          )}
          {!statistics && (
            <Text span size="xs" c="dimmed">
              not run yet
            </Text>
          )}
        </div>
      </td>
      <td>
        {statistics ? (
          <div className={classes.coverage}>
            <div className={classes.track} aria-hidden>
              <div className={classes.fill} style={{ width: `${statistics.coverage * 100}%` }} />
            </div>
            {percent(statistics.coverage)}
          </div>
        ) : (
          '–'
        )}
      </td>
      <td data-number>{share(statistics?.overlapping)}</td>
      <td data-number>{share(statistics?.conflicting)}</td>
      <td>
        <Accuracy labeler={labeler} />
      </td>
      <td>
        <Worth labeler={labeler} />
      </td>
      <td data-number>{costUsd === 0 ? <Text c="dimmed">free</Text> : `$${costUsd.toPrecision(2)}`}</td>
      <td>
        <Switch
          size="xs"
          checked={enabled}
          disabled={!mayChange}
          aria-label={`Use ${name}`}
          onChange={(event) => void switchLabeler(project, labeler, event.currentTarget.checked)}
        />
      </td>
      <td data-number>
        {mayChange && labeler.kind !== 'person' && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`More about ${name}`}>
                <IconDots size={16} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {labeler.kind === 'computed' && <Menu.Item onClick={() => onEdit(id)}>Edit and versions</Menu.Item>}
              <Menu.Item onClick={() => void deleteLabeler(project, labeler)}>Delete</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </td>
    </tr>
  );
}

/** What would be lost without it. */
function Worth({ labeler: { name, statistics } }: { labeler: Labeler }) {
  const worth = statistics?.worth;
  if (!statistics || !worth) {
    const why = !statistics ? 'It has not run yet' : 'The last run was before this was measured: run again';
    return (
      <Tooltip label={why}>
        <Text span c="dimmed" tabIndex={0}>
          –
        </Text>
      </Tooltip>
    );
  }
  const points = (share: number) => (Math.abs(share) < 0.000_05 ? '0' : (share * 100).toFixed(Math.abs(share) < 0.0095 ? 2 : 1));
  const judged = worth.judge === 'gold' ? `on ${count(worth.items)} gold items` : `by the posterior, on ${count(worth.items)} items`;
  return (
    <Tooltip
      multiline
      maw={300}
      label={`Without ${name}, ${points(worth.accuracy)} % of the items would no longer be right (${judged}); ${count(worth.changed)} would have another label, and nobody else votes on ${count(worth.alone)}`}
    >
      <Text span inherit tabIndex={0} style={{ whiteSpace: 'nowrap' }} {...(worth.accuracy <= 2 * worth.error && { c: 'dimmed' })}>
        {worth.accuracy > 0 && '+'}
        {points(worth.accuracy)}{' '}
        {worth.error > 0 && (
          <Text span c="dimmed" size="xs">
            ± {points(1.96 * worth.error)}
          </Text>
        )}
      </Text>
    </Tooltip>
  );
}

/** The best evidence there is, and which that is. */
function Accuracy({ labeler: { name, statistics } }: { labeler: Labeler }) {
  if (!statistics || statistics.voted === 0) return '–';
  const { goldAccuracy, peopleAccuracy, estimatedAccuracy } = statistics;
  if (goldAccuracy && goldAccuracy.n > 0)
    return <Marked mark="gold" value={<Estimate value={goldAccuracy} of={`Accuracy of ${name}, against gold,`} />} />;
  if (peopleAccuracy && peopleAccuracy.n > 0)
    return <Marked mark="people" value={<Estimate value={peopleAccuracy} of={`Accuracy of ${name}, against what people answered,`} />} />;
  return (
    <Marked
      mark="estimated"
      value={
        <Tooltip label="The aggregator's estimate from how the labelers agree: nothing was checked" multiline maw={280}>
          <Text span c="dimmed" tabIndex={0}>
            ≈ {percent(estimatedAccuracy)}
          </Text>
        </Tooltip>
      }
    />
  );
}

function Marked({ value, mark }: { value: ReactNode; mark: string }) {
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {value}
      <span className={classes.mark}>{mark}</span>
    </span>
  );
}
