import type { Labeler } from '@labelwright/contract/labelers';
import { Button, Drawer, Tabs, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMay } from '../state/project.ts';
import { AskDesk } from './ask-desk.tsx';
import { ConfidenceView } from './confidence-view.tsx';
import { LabelerCompare } from './labeler-compare.tsx';
import { LabelerSlices } from './labeler-slices.tsx';
import { GuidelineDrafter } from './guideline-drafter.tsx';
import { PromptImprover } from './prompt-improver.tsx';
import { SecondOpinionList } from './second-opinion-list.tsx';
import editor from './labeler-editor.module.css';
import settings from '../pages/settings.module.css';
import classes from './prompt.module.css';

export type DeskTab = 'ask' | 'confidence' | 'compare' | 'improve' | 'slices' | 'opinions' | 'guidelines';

interface LabelerDeskProps {
  readonly labeler: Labeler;
  readonly others: readonly Labeler[];
  readonly tab: DeskTab | undefined;
  readonly onTab: (tab: DeskTab) => void;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}

/** One labeler looked at closely; a language model is asked from here as well. */
export function LabelerDesk({ labeler, others, tab, onTab, onEdit, onClose }: LabelerDeskProps) {
  const mayChange = useMay('manager');
  const isModel = labeler.kind === 'asked';
  const all: readonly { value: DeskTab; title: string; forModels?: boolean; show: () => ReactNode }[] = [
    { value: 'ask', title: 'Ask', forModels: true, show: () => <AskDesk labeler={labeler} /> },
    { value: 'confidence', title: 'Confidence', show: () => <ConfidenceView labeler={labeler} /> },
    { value: 'compare', title: 'Compare', show: () => <LabelerCompare labeler={labeler} others={others} /> },
    { value: 'improve', title: 'Improve', forModels: true, show: () => <PromptImprover labeler={labeler} onTaken={() => onTab('ask')} /> },
    { value: 'slices', title: 'Where it errs', show: () => <LabelerSlices labeler={labeler} /> },
    { value: 'opinions', title: 'Second opinion', forModels: true, show: () => <SecondOpinionList labeler={labeler} /> },
    { value: 'guidelines', title: 'Guidelines', forModels: true, show: () => <GuidelineDrafter labeler={labeler} /> },
  ];
  const tabs = all.filter(({ forModels }) => isModel || !forModels);
  const shown = tabs.find(({ value }) => value === tab)?.value ?? tabs[0].value;
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(880px, 100vw)"
      title={
        <span className={classes.bar}>
          <Text fw={600} size="lg" component="h2" m={0}>
            {labeler.name}
          </Text>
          <Text span size="sm" c="dimmed">
            version {labeler.version}
            {typeof labeler.with.model === 'string' && ` · ${labeler.with.model}`}
          </Text>
        </span>
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ header: editor.header, body: editor.body }}
    >
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((each) => each.value === value);
          if (next) onTab(next.value);
        }}
      >
        <Tabs.List aria-label={`About ${labeler.name}`} className={settings.tabs ?? ''}>
          {tabs.map(({ value, title }) => (
            <Tabs.Tab key={value} value={value}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ value, show }) => (
          <Tabs.Panel key={value} value={value} className={classes.tabs ?? ''}>
            {show()}
          </Tabs.Panel>
        ))}
      </Tabs>
      {mayChange && isModel && (
        <div style={{ marginTop: 32, paddingBottom: 24 }}>
          <Button variant="default" onClick={onEdit}>
            Edit the prompt
          </Button>
        </div>
      )}
    </Drawer>
  );
}
