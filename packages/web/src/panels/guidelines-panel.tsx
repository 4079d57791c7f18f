import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { LabelChip } from '../design/label-chip.tsx';
import { Prose } from '../design/prose.tsx';
import type { Question } from '../state/label-tree.ts';
import classes from './guidelines-panel.module.css';

interface GuidelinesPanelProps {
  readonly guidelines: string | undefined;
  readonly question: Question;
  readonly close: () => void;
}

/** What the labels mean, at hand while labeling. */
export default function GuidelinesPanel({ guidelines, question, close }: GuidelinesPanelProps) {
  const described = question.labels.filter(({ description }) => description);
  return (
    <section className={classes.panel} aria-label="Guidelines">
      <div className={classes.head}>
        <h2 className={classes.title}>Guidelines</h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the guidelines" onClick={close}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard */}
      <div className={classes.text} tabIndex={0}>
        {described.length > 0 && (
          <dl className={classes.labels}>
            {described.map(({ id, description }) => (
              <div key={id}>
                <dt>
                  <LabelChip question={question} label={id} />
                </dt>
                <dd>{description}</dd>
              </div>
            ))}
          </dl>
        )}
        {guidelines ? (
          <Prose>{guidelines}</Prose>
        ) : (
          <p className={classes.none}>Nobody has written guidelines yet. Managers do so under Settings.</p>
        )}
      </div>
    </section>
  );
}
