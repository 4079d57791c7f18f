import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { EmptyState } from '../design/notices.tsx';
import { count } from '../design/numbers.tsx';
import { Page } from '../design/page.tsx';
import { AccuracyFigures } from '../panels/accuracy-figures.tsx';
import { AgreementFigures } from '../panels/agreement-figures.tsx';
import { AuditDesk } from '../panels/audit-desk.tsx';
import { GoldList } from '../panels/gold-list.tsx';
import { QuestionPicker } from '../panels/question-picker.tsx';
import { SuspectList } from '../panels/suspect-list.tsx';
import { useMay, useProject, useQuestion } from '../state/project.ts';
import { useQuality } from '../state/quality.ts';
import classes from './settings.module.css';

type Tab = 'certificate' | 'agreement' | 'accuracy' | 'suspects' | 'gold';

const route = getRouteApi('/projects/$project/quality');

/** How far the labels can be trusted, and on what grounds. The tab is in the URL. */
export function QualityPage() {
  const { id: project, items } = useProject();
  const question = useQuestion();
  const mayLook = useMay('reviewer');
  const { tab = 'certificate' } = route.useSearch();
  const navigate = route.useNavigate();
  const quality = useQuality(project, question.id, mayLook && items > 0);
  if (!mayLook)
    return (
      <EmptyState title="Quality is for reviewers">
        Ask a manager of this project if you should see how far its labels can be trusted.
      </EmptyState>
    );
  const tabs: readonly { value: Tab; title: string; n?: number | undefined; show: () => ReactNode }[] = [
    { value: 'certificate', title: 'Certificate', show: () => <AuditDesk /> },
    { value: 'agreement', title: 'Agreement', show: () => <AgreementFigures quality={quality} /> },
    { value: 'accuracy', title: 'Accuracy', show: () => <AccuracyFigures quality={quality} /> },
    { value: 'suspects', title: 'Suspects', n: quality.data?.suspects, show: () => <SuspectList /> },
    { value: 'gold', title: 'Gold', n: quality.data?.goldItems, show: () => <GoldList goldItems={quality.data?.goldItems} /> },
  ];
  return (
    <Page title="Quality" actions={<QuestionPicker />}>
      <Tabs
        value={tab}
        onChange={(value) =>
          void navigate({ search: (before) => ({ ...before, tab: tabs.find((each) => each.value === value)?.value }), replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List aria-label="Quality" className={classes.tabs ?? ''}>
          {tabs.map(({ value, title, n }) => (
            <Tabs.Tab key={value} value={value}>
              {title}
              {n !== undefined && n > 0 && <span className={classes.count}>{count(n)}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ value, show }) => (
          <Tabs.Panel key={value} value={value} className={classes.panel ?? ''}>
            {show()}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
