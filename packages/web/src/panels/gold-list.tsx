import type { GoldRow } from '@labelwright/contract/quality';
import { Button, FileButton, Menu, Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { LabelChip, titleOf } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, roundPercent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useRowKeys } from '../design/row-keys.ts';
import { showFault } from '../design/toasts.tsx';
import { useMay, useProject, useQuestion } from '../state/project.ts';
import { importGold, pagesOfGold, setGold, useGold } from '../state/quality.ts';
import classes from './suspect-list.module.css';

type Read = Awaited<ReturnType<typeof importGold>>;

/** Trusted labels: set one by one or by a file. They only score; no run learns from them. */
export function GoldList({ goldItems }: { goldItems: number | undefined }) {
  const { id: project, archivedAt } = useProject();
  const question = useQuestion();
  const mayChange = useMay('manager') && archivedAt === null;
  const [at, setAt] = useState(0);
  const [read, setRead] = useState<Read>();
  const gold = useGold(project, question.id, at);
  if (gold.error && !gold.data) return <ErrorNotice error={gold.error} retry={() => void gold.refetch()} />;
  if (!gold.data) {
    return (
      <Later>
        <Skeleton h={200} aria-label="Loading" />
      </Later>
    );
  }
  const { rows, total, field } = gold.data;
  const upload = mayChange && <Upload onRead={setRead} />;
  const pages = pagesOfGold(total);
  return (
    <>
      {total > 0 || field !== null ? (
        <div className={classes.import}>
          <Text c="dimmed" maw={640}>
            {goldItems !== undefined && `${count(goldItems)} items have gold. `}
            {field !== null && `It comes with the field “${field}”; what is set here wins over it. `}
            Gold only scores: no run learns from it. {total === 0 && 'Set one by hand from an item’s panel in Explore, or bring a file of '}
            {total === 0 && <code>item,label</code>}
          </Text>
          {upload}
        </div>
      ) : (
        <EmptyState title="No item has a trusted label yet" action={upload}>
          Set one from an item’s panel in Explore, or bring a file such as <code>item,label</code> with a line like{' '}
          <code>mail-17,{question.labels[0].id}</code>. Gold only scores labelers, people and the machine: no run learns from it.
        </EmptyState>
      )}
      {read && <ReadReport read={read} />}
      {total > 0 && <Rows rows={rows} mayChange={mayChange} />}
      {pages > 1 && (
        <div className={classes.pages}>
          <Button variant="default" disabled={at === 0} onClick={() => setAt(at - 1)}>
            Newer
          </Button>
          <span>
            {at + 1} of {pages}
          </span>
          <Button variant="default" disabled={at + 1 >= pages} onClick={() => setAt(at + 1)}>
            Older
          </Button>
        </div>
      )}
    </>
  );
}

function Upload({ onRead }: { onRead: (read: Read) => void }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const [isBusy, setBusy] = useState(false);
  const take = async (file: File | null) => {
    if (!file) return;
    setBusy(true);
    await importGold(project, question.id, file).then(onRead, showFault);
    setBusy(false);
  };
  return (
    <FileButton onChange={(file) => void take(file)} accept=".csv,.tsv,.jsonl,.txt" inputProps={{ 'aria-label': 'File of trusted labels' }}>
      {(props) => (
        <Button {...props} loading={isBusy}>
          Upload a CSV
        </Button>
      )}
    </FileButton>
  );
}

function ReadReport({ read: { set, unknownItems, problems, problemCount } }: { read: Read }) {
  return (
    <div role="status">
      <Text mb="xs">
        {count(set)} trusted labels are set
        {unknownItems > 0 && `; ${count(unknownItems)} rows name items that are not in this project`}
        {problemCount > 0 ? `; ${count(problemCount)} rows could not be used:` : '.'}
      </Text>
      {problems.length > 0 && (
        <ul className={classes.problems}>
          {problems.slice(0, 12).map(({ line, message }) => (
            <li key={`${line} ${message}`}>
              {line !== undefined && `line ${line}: `}
              {message}
            </li>
          ))}
          {problemCount > 12 && <li>and {count(problemCount - 12)} more</li>}
        </ul>
      )}
    </div>
  );
}

function Rows({ rows, mayChange }: { rows: readonly GoldRow[]; mayChange: boolean }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const walk = useRowKeys<HTMLDivElement>();
  const chips = (labels: readonly string[]) =>
    labels.length === 0 ? 'none applies' : labels.map((label) => <LabelChip key={label} question={question} label={label} />);
  return (
    <div className={page.scroll} ref={walk} role="region" aria-label="Gold" tabIndex={0}>
      <table className={page.table} aria-label="Gold">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Gold</th>
            <th scope="col">The machine says</th>
            <th scope="col">Set by</th>
            <th scope="col">
              <span className="lw-hidden">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.ordinal}>
              <td className={classes.item}>
                <Link to="/projects/$project/explore" params={{ project }} search={{ item: row.ordinal }} className={classes.id} data-row>
                  {row.id}
                </Link>
                <div className={classes.text} dir="auto">
                  {row.text}
                </div>
              </td>
              <td className={classes.said}>{row.labels === null ? <Text c="dimmed">taken away</Text> : chips(row.labels)}</td>
              <td className={classes.said}>
                {row.machine === null ? '–' : chips(row.machine)}{' '}
                {row.probability !== null && (
                  <Text span size="xs" c="dimmed">
                    {roundPercent(row.probability)}
                  </Text>
                )}
              </td>
              <td className={classes.said}>
                {row.person}
                <Text size="xs" c="dimmed">
                  <Moment time={row.createdAt} />
                </Text>
              </td>
              <td data-number>{mayChange && <Change row={row} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Change({ row }: { row: GoldRow }) {
  const { id: project } = useProject();
  const question = useQuestion();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" aria-label={`Change the gold of ${row.id}`}>
          Change
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {!question.multiple &&
          question.labels.slice(0, 12).map(({ id }) => (
            <Menu.Item key={id} disabled={row.labels?.[0] === id} onClick={() => void setGold(project, question.id, row, [id])}>
              {titleOf(question, id)}
            </Menu.Item>
          ))}
        <Menu.Item onClick={() => void setGold(project, question.id, row, undefined)}>Forget what was set</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
