import type { Audit, AuditPlan, Certificate } from '@labelwright/contract/quality';
import { Button, NumberInput, Progress, Select, Skeleton, Text } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, duration, Estimate, percent } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { type AuditTerms, cancelAudit, extendAudit, startAudit, useAuditPlan, useAudits } from '../state/audits.ts';
import { useMay, useProject, useQuestion } from '../state/project.ts';
import classes from './audit-desk.module.css';

/** What is proven of the accepted labels, how to prove it, and what was tried before. */
export function AuditDesk() {
  const { id: project, settings } = useProject();
  const question = useQuestion();
  const [terms, setTerms] = useState<AuditTerms>({
    targetError: settings.targetError,
    confidence: settings.confidence,
    plannedLooks: undefined,
  });
  const audits = useAudits(project, question.id);
  const plan = useAuditPlan(project, question.id, terms);
  if (audits.error && !audits.data) return <ErrorNotice error={audits.error} retry={() => void audits.refetch()} />;
  if (!audits.data || !plan.data) {
    if (plan.error) return <ErrorNotice error={plan.error} retry={() => void plan.refetch()} />;
    return (
      <Later>
        <div aria-label="Loading" role="img">
          <Skeleton h={96} mb="lg" />
          <Skeleton h={160} />
        </div>
      </Later>
    );
  }
  const holding = audits.data.find(({ certificate }) => certificate?.state === 'valid')?.certificate ?? undefined;
  const [last] = audits.data;
  const open = last?.state === 'open' ? last : undefined;
  const short = last?.state === 'not-certified' ? last : undefined;
  return (
    <>
      <Standing certificate={holding} plan={plan.data} last={last} />
      {open && <Open audit={open} plan={plan.data} />}
      {short && <Short key={short.answered} audit={short} plan={plan.data} />}
      {!open && !short && !holding && <Planner key={plan.data.run} plan={plan.data} terms={terms} onTerms={setTerms} />}
      {audits.data.length > 0 && (
        <Section title="History" note="Every look is here, also those that proved nothing">
          <History audits={audits.data} />
        </Section>
      )}
    </>
  );
}

/** The sentence that everybody comes for. */
function Standing({ certificate, plan, last }: { certificate: Certificate | undefined; plan: AuditPlan; last: Audit | undefined }) {
  if (certificate) {
    const { accepted, pool, threshold, bound, confidence, audited, wrong, run, look, method, seed, createdAt } = certificate;
    return (
      <section className={classes.standing} data-certified aria-label="Certificate">
        <span className={classes.mark}>Certified</span>
        <p className={classes.claim}>
          Of {count(accepted)} accepted labels at most {percent(bound)} are wrong
        </p>
        <p className={classes.terms}>
          with {Number((confidence * 100).toFixed(2))} % confidence · {count(audited)} audited, {count(wrong)} wrong
          {wrong > 0 && ' and corrected'} · run {run.number} · <Moment time={createdAt} />
        </p>
        {accepted < pool && (
          <p className={classes.small}>
            It speaks of the labels with a probability of at least {percent(threshold)}: {count(accepted)} of {count(pool)} accepted ones.
            For the others the audit proves nothing.
          </p>
        )}
        <details className={classes.small}>
          <summary>How it was proven</summary>
          The labels of run {run.number} were frozen, then {count(last?.drawn ?? audited)} of the {count(pool)} accepted ones that nobody
          had answered were drawn uniformly at random (seed {seed}); neither the planner nor anybody’s choice had a say in it. People
          answered without seeing the machine’s opinion. Thresholds were fixed beforehand and tested from the strictest on by exact
          hypergeometric tails ({method}), at look {look}. A run that changes one of these labels voids the certificate.
        </details>
      </section>
    );
  }
  const voided = last?.state === 'void' ? last.reason : null;
  return (
    <section className={classes.standing} aria-label="Certificate">
      <span className={classes.mark}>Not certified</span>
      <p className={classes.claim}>
        {plan.pool === 0
          ? 'Nothing is accepted by the machine alone'
          : `${percent(plan.expectedError)} of ${count(plan.pool)} accepted labels are expected to be wrong`}
      </p>
      <p className={classes.terms}>
        {voided ??
          (plan.pool === 0
            ? 'A certificate speaks of labels that the machine gives and nobody has looked at.'
            : 'That is the machine’s own account. A random sample, checked by people, turns it into a bound that holds.')}
      </p>
    </section>
  );
}

function Open({ audit, plan }: { audit: Audit; plan: AuditPlan }) {
  const { id: project } = useProject();
  const navigate = useNavigate();
  const mayAnswer = useMay('annotator');
  const mayEnd = useMay('manager');
  const { id, number, answered, drawn, nextLookAt, targetError, confidence } = audit;
  const left = (nextLookAt ?? drawn) - answered;
  return (
    <Section
      title={`Audit ${number} is under way`}
      note={`at most ${percent(targetError)} wrong, ${Number((confidence * 100).toFixed(2))} % confidence`}
    >
      <div className={classes.progress}>
        <Progress value={(answered / drawn) * 100} size={8} aria-label={`${answered} of ${drawn} audited`} />
        <span>
          {count(answered)} of {count(drawn)}
        </span>
      </div>
      <div className={classes.buttons}>
        {mayAnswer && (
          <Button onClick={() => void navigate({ to: '/projects/$project/label', params: { project }, search: { audit: id } })}>
            {answered === 0 ? 'Answer the sample' : 'Go on'}
          </Button>
        )}
        {mayEnd && (
          <Button variant="default" onClick={() => void cancelAudit(project, id)}>
            End it without a look
          </Button>
        )}
        <Text span c="dimmed">
          {count(left)} more until the {audit.looks.length === 0 ? '' : 'next '}look
          {plan.secondsPerItem !== null && `, about ${duration(left * plan.secondsPerItem)}`}
        </Text>
      </div>
    </Section>
  );
}

function Short({ audit, plan }: { audit: Audit; plan: AuditPlan }) {
  const { id: project } = useProject();
  const navigate = useNavigate();
  const mayPlan = useMay('manager');
  const look = audit.looks.at(-1);
  const rest = audit.pool - audit.drawn;
  const [size, setSize] = useState(Math.min(rest, look?.moreAudits ?? 0));
  const canGoOn = audit.plannedLooks === null && look?.moreAudits != null && rest > 0;
  const go = async () => {
    const extended = await extendAudit(project, audit.id, size);
    if (extended) await navigate({ to: '/projects/$project/label', params: { project }, search: { audit: audit.id } });
  };
  return (
    <Section title={`Audit ${audit.number} has proved nothing yet`}>
      <Text maw={720}>
        {look && capital(look.text)}. {look && look.wrong > 0 && `The ${count(look.wrong)} wrong labels that it found are corrected.`}
      </Text>
      {canGoOn ? (
        <>
          <div className={classes.buttons}>
            {mayPlan && (
              <>
                <NumberInput
                  aria-label="More items"
                  w={110}
                  min={1}
                  max={rest}
                  value={size}
                  onChange={(value) => setSize(Number(value) || 1)}
                />
                <Button onClick={() => void go()}>Audit {count(size)} more</Button>
              </>
            )}
            <Text span c="dimmed">
              {plan.secondsPerItem !== null && `about ${duration(size * plan.secondsPerItem)}; `}the sample so far counts in full
            </Text>
          </div>
          {size > audit.drawn && (
            <Text c="dimmed" mt="sm" maw={720}>
              That is a lot. Better labels take fewer audits: label what is uncertain or mend the labelers, run again, and audit the new
              labels.
            </Text>
          )}
        </>
      ) : (
        <Text c="dimmed" mt="sm" maw={720}>
          {audit.plannedLooks === null
            ? 'Label what is uncertain, or mend the labelers, and run again: the new labels can be audited afresh.'
            : 'The looks that were planned are used up. Run again with better labels: they can be audited afresh.'}
        </Text>
      )}
    </Section>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const lookChoices = [
  { value: '', label: 'as many as it takes' },
  { value: '1', label: 'one, at the end' },
  { value: '2', label: 'two, at each half' },
  { value: '3', label: 'three' },
  { value: '5', label: 'five' },
];

interface PlannerProps {
  readonly plan: AuditPlan;
  readonly terms: AuditTerms;
  readonly onTerms: (terms: AuditTerms) => void;
}

/** What is to be proven, and how many checks that takes. */
function Planner({ plan, terms, onTerms }: PlannerProps) {
  const { id: project } = useProject();
  const question = useQuestion();
  const navigate = useNavigate();
  const mayPlan = useMay('manager');
  const [wanted, setWanted] = useState<number>();
  const [isBusy, setBusy] = useState(false);
  const { pool, minimum, recommended, secondsPerItem, blocked } = plan;
  if (pool === 0) {
    return (
      <EmptyState
        title="There is nothing to audit yet"
        action={
          <Button renderRoot={(props) => <Link to="/projects/$project/labelers" params={{ project }} search={{}} {...props} />}>
            Labelers
          </Button>
        }
      >
        Once a run accepts labels, such as “{question.labels[0].title ?? question.labels[0].id}” with 99 %, a random sample of them shows
        how many are wrong.
      </EmptyState>
    );
  }
  const size = Math.min(pool, wanted ?? recommended);
  const start = async () => {
    setBusy(true);
    const made = await startAudit(project, question.id, terms, size);
    setBusy(false);
    if (made) await navigate({ to: '/projects/$project/label', params: { project }, search: { audit: made.id } });
  };
  return (
    <Section title="Prove it" note="Draws items at random from the accepted labels; people answer them blind">
      <fieldset className={classes.form} disabled={!mayPlan || blocked !== null} aria-label="Audit">
        <NumberInput
          label="At most wrong"
          suffix=" %"
          decimalScale={2}
          min={0.1}
          max={50}
          step={0.5}
          value={Number((terms.targetError * 100).toFixed(2))}
          onChange={(value) => Number(value) > 0 && Number(value) < 100 && onTerms({ ...terms, targetError: Number(value) / 100 })}
        />
        <NumberInput
          label="Confidence"
          suffix=" %"
          decimalScale={2}
          min={51}
          max={99.99}
          step={1}
          value={Number((terms.confidence * 100).toFixed(2))}
          onChange={(value) => Number(value) > 50 && Number(value) < 100 && onTerms({ ...terms, confidence: Number(value) / 100 })}
        />
        <Select
          label="Looks"
          data={lookChoices}
          value={terms.plannedLooks === undefined ? '' : String(terms.plannedLooks)}
          allowDeselect={false}
          onChange={(value) => onTerms({ ...terms, plannedLooks: value ? Number(value) : undefined })}
        />
        <NumberInput
          label="Items to audit"
          min={1}
          max={pool}
          step={10}
          value={size}
          onChange={(value) => setWanted(Number(value) > 0 ? Math.round(Number(value)) : undefined)}
        />
      </fieldset>
      <ul className={classes.facts}>
        <li>
          <b>{count(minimum)}</b> prove it if not one label among them is wrong
        </li>
        <li>
          <b>{count(recommended)}</b> will probably (80 %) prove something, if the machine’s probabilities are right
        </li>
        <li>
          {terms.plannedLooks === undefined
            ? 'If they fall short, the same audit goes on with more items; each look spends part of the risk, the first 61 %'
            : 'Looks fixed beforehand divide the risk equally; when they are used up, these labels cannot be looked at again'}
        </li>
      </ul>
      {size < minimum && (
        <Text c="var(--lw-warning)" size="sm">
          {count(size)} can prove nothing: it takes at least {count(minimum)}.
        </Text>
      )}
      <div className={classes.buttons}>
        {mayPlan && (
          <Button size="sm" onClick={() => void start()} loading={isBusy} disabled={blocked !== null}>
            Audit {count(size)} items
          </Button>
        )}
        <Text span c="dimmed">
          {blocked ??
            (secondsPerItem === null
              ? mayPlan
                ? ''
                : 'A manager starts it.'
              : `about ${duration(size * secondsPerItem)} at the pace so far`)}
        </Text>
      </div>
    </Section>
  );
}

const stateWords: Readonly<Record<Audit['state'], string>> = {
  open: 'under way',
  certified: 'certified',
  'not-certified': 'proved nothing yet',
  void: 'void',
  cancelled: 'ended without a look',
};

function History({ audits }: { audits: readonly Audit[] }) {
  return (
    <div className={page.scroll} role="region" aria-label="Audits" tabIndex={0}>
      <table className={page.table} aria-label="Audits">
        <thead>
          <tr>
            <th scope="col">Audit</th>
            <th scope="col">State</th>
            <th scope="col">Target</th>
            <th scope="col" data-number>
              Sample
            </th>
            <th scope="col">Right among the audited</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {audits.map((audit) => (
            <AuditRow key={audit.id} audit={audit} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AuditRow({ audit }: { audit: Audit }) {
  const { number, state, reason, run, person, targetError, confidence, answered, drawn, pool, looks, createdAt, seed } = audit;
  const look = looks.at(-1);
  return (
    <tr>
      <td className={classes.name}>
        Audit {number}
        <Text size="xs" c="dimmed">
          run {run.number}, {person}, <Moment time={createdAt} />
        </Text>
      </td>
      <td className={classes.name} data-state={state}>
        {stateWords[state]}
      </td>
      <td className={classes.name}>
        ≤ {percent(targetError)}
        <Text size="xs" c="dimmed">
          {Number((confidence * 100).toFixed(2))} % sure
        </Text>
      </td>
      <td data-number title={`drawn with seed ${seed}`}>
        {count(answered)} of {count(drawn)}
        <Text size="xs" c="dimmed">
          from {count(pool)}
        </Text>
      </td>
      <td className={classes.name}>
        <Estimate value={look?.accuracy ?? null} of="Labels that people confirmed" />
      </td>
      <td className={classes.says}>
        {reason ?? (look ? capital(look.text) : '–')}
        {looks.length > 1 && (
          <Text size="xs" c="dimmed">
            {looks.length} looks: {looks.map(({ audited, wrong }) => `${wrong} of ${audited} wrong`).join(', ')}
          </Text>
        )}
      </td>
    </tr>
  );
}
