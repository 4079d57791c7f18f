import type { Labeler } from '@labelwright/contract/labelers';
import type { Spending } from '@labelwright/contract/llm';
import type { ReactNode } from 'react';
import { ActionIcon, Menu, Switch, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { LabelChip } from '../design/label-chip.tsx';
import { count, Estimate, percent, smallDollars } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useRowKeys } from '../design/row-keys.ts';
import classes from '../pages/labelers.module.css';
import { useSpending } from '../state/askings.ts';
import { deleteLabeler, switchLabeler, type Technique } from '../state/labelers.ts';
import { useMay, useProject, useQuestion } from '../state/project.ts';
import type { DeskTab } from './labeler-desk.tsx';

interface LabelerTableProps {
  readonly labelers: readonly Labeler[];
  readonly techniques: readonly Technique[];
  readonly onEdit: (labeler: number) => void;
  /** To what one may want to know of it, or do with it. */
  readonly onLook: (labeler: number, tab?: DeskTab) => void;
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
export function LabelerTable({ labelers, techniques, onEdit, onLook }: LabelerTableProps) {
  const rows = useRowKeys<HTMLTableSectionElement>();
  const { id: project } = useProject();
  const mayLook = useMay('reviewer');
  const spending = useSpending(project, mayLook && labelers.some(({ kind }) => kind === 'asked'));
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
              kind={kindOf(labeler, techniques)}
              spent={spending.data?.labelers.find((each) => each.labeler?.id === labeler.id)}
              onEdit={onEdit}
              onLook={onLook}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function kindOf({ kind, use }: Labeler, techniques: readonly Technique[]): string {
  if (kind === 'asked') return 'Language model';
  return kind === 'computed' ? (techniques.find(({ name }) => name === use)?.title ?? use) : kind;
}

interface RowProps extends Pick<LabelerTableProps, 'onEdit' | 'onLook'> {
  readonly labeler: Labeler;
  readonly kind: string;
  readonly spent: Spending | undefined;
}

function Row({ labeler, kind, spent, onEdit, onLook }: RowProps) {
  const { id: project } = useProject();
  const question = useQuestion();
  const mayChange = useMay('manager');
  const mayLook = useMay('reviewer');
  const { id, name, statistics, enabled, version, costUsd } = labeler;
  const isModel = labeler.kind === 'asked';
  const isMade = labeler.kind === 'computed' || isModel;
  const share = (value: number | undefined) => (value === undefined ? '–' : percent(value));
  return (
    <tr>
      <td className={classes.name}>
        {isMade ? (
          <UnstyledButton className={classes.nameButton} data-row onClick={() => (isModel ? onLook(id) : onEdit(id))}>
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
      <td>
        {kind}
        {typeof labeler.with.model === 'string' && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {labeler.with.model}
          </Text>
        )}
      </td>
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
              {isModel && spent && spent.answers > 0
                ? `${count(spent.answers)} answers, counted from the next run on`
                : isModel
                  ? 'not asked yet'
                  : 'not run yet'}
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
      <td data-number>
        {costUsd === 0 ? <Text c="dimmed">{isModel && !spent ? '–' : 'free'}</Text> : smallDollars(costUsd)}
        {isModel && spent && spent.usd > 0 && (
          <Text size="xs" c="dimmed">
            {smallDollars(spent.usd)} spent
          </Text>
        )}
      </td>
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
        {mayLook && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`More about ${name}`}>
                <IconDots size={16} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {isModel && mayChange && <Menu.Item onClick={() => onLook(id, 'ask')}>Price and asking</Menu.Item>}
              {isMade && mayChange && <Menu.Item onClick={() => onEdit(id)}>Edit and versions</Menu.Item>}
              <Menu.Item onClick={() => onLook(id, 'confidence')}>Reliability of its confidence</Menu.Item>
              <Menu.Item onClick={() => onLook(id, 'compare')}>Compare</Menu.Item>
              {isModel && mayChange && <Menu.Item onClick={() => onLook(id, 'improve')}>Improve this prompt</Menu.Item>}
              <Menu.Item onClick={() => onLook(id, 'slices')}>Where it errs</Menu.Item>
              {mayChange && labeler.kind !== 'person' && <Menu.Item onClick={() => void deleteLabeler(project, labeler)}>Delete</Menu.Item>}
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
