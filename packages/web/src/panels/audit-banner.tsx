import { Button, Progress } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { EmptyState } from '../design/notices.tsx';
import { count, percent } from '../design/numbers.tsx';
import { useAudits } from '../state/audits.ts';
import { useProject, useQuestion } from '../state/project.ts';
import type { Workbench } from '../state/workbench.ts';
import classes from './audit-banner.module.css';

/** Says that this is an audit and how far it is, above the workbench. */
export function AuditBanner({ audit: id, workbench }: { audit: number; workbench: Workbench | undefined }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const audits = useAudits(project, question.id);
  const audit = audits.data?.find((each) => each.id === id);
  return (
    <section className={classes.banner} aria-label="Audit">
      <div>
        <b>Audit{audit ? ` ${audit.number}` : ''}</b>{' '}
        <span className={classes.words}>
          Items drawn at random, without the machine’s opinion. Say what is true; skip to be asked again at the end; flag what cannot be
          told: it counts as wrong.
        </span>
      </div>
      {workbench && audit && <AuditProgress workbench={workbench} answered={audit.answered} drawn={audit.drawn} />}
      <Link to="/projects/$project/quality" params={{ project }} search={{}} className={classes.link}>
        Leave
      </Link>
    </section>
  );
}

function AuditProgress({ workbench, answered, drawn }: { workbench: Workbench; answered: number; drawn: number }) {
  const { audit, waiting } = useSyncExternalStore(workbench.subscribe, workbench.get);
  const total = audit?.drawn ?? drawn;
  const done = waiting === null ? answered : total - waiting;
  return (
    <div className={classes.progress}>
      <Progress value={(done / Math.max(1, total)) * 100} size={6} aria-label="Audited" />
      <span>
        {count(done)} of {count(total)}
      </span>
    </div>
  );
}

/** The sample is answered, or what was left of it is with others. */
export function AuditDone({ audit: id }: { audit: number }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const navigate = useNavigate();
  const audits = useAudits(project, question.id);
  const audit = audits.data?.find((each) => each.id === id);
  const look = audit?.looks.at(-1);
  const leave = (
    <Button onClick={() => void navigate({ to: '/projects/$project/quality', params: { project }, search: {} })}>Open Quality</Button>
  );
  if (!audit) return null;
  if (audit.state === 'open') {
    return (
      <EmptyState title="Nothing of the audit is left for you" action={leave}>
        {count(audit.drawn - audit.answered)} of its items are with others, or were skipped. The certificate comes with the last of them.
      </EmptyState>
    );
  }
  if (audit.certificate?.state === 'valid') {
    return (
      <EmptyState title="Certified" action={leave}>
        Of {count(audit.certificate.accepted)} accepted labels at most {percent(audit.certificate.bound)} are wrong, with{' '}
        {Number((audit.certificate.confidence * 100).toFixed(2))} % confidence. {count(audit.answered)} audited, {count(look?.wrong ?? 0)}{' '}
        wrong
        {(look?.wrong ?? 0) > 0 && ', and corrected'}.
      </EmptyState>
    );
  }
  return (
    <EmptyState title={audit.state === 'not-certified' ? 'Not certified yet' : 'This audit is over'} action={leave}>
      {audit.reason ?? look?.text ?? 'It was ended without a look.'}
    </EmptyState>
  );
}
