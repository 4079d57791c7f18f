import type { Project, Settings, SettingsChange } from '@labelwright/contract/projects';
import { NumberInput, Select, Switch, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, keys } from '../api.ts';
import { duration, percent } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import { useProject } from '../state/project.ts';
import { type ProjectPart, useProjectEdit } from '../state/project-edit.ts';
import { isSame } from '../state/three-way.ts';
import classes from './project-settings.module.css';
import { SaveBar } from './save-bar.tsx';

interface Edited {
  readonly name: string;
  readonly settings: Settings;
}

const settingsPart: ProjectPart<Edited> = {
  name: 'settings',
  read: ({ name, settings }) => ({ name, settings }),
  write: (project, { name, settings }) => ({ ...(name !== project.name && { name }), settings: changeOf(project, settings) }),
};

/** Only what is different: a setting that is not named stays as it is. */
function changeOf({ settings: before }: Project, after: Settings): SettingsChange {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Settings)[];
  const changed = names.filter((name) => !isSame(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

const titles: Readonly<Record<string, string>> = {
  name: 'Name',
  targetError: 'Target error',
  confidence: 'Confidence',
  textFields: 'Read as text',
  metadataFields: 'Shown beside the item',
  hiddenFields: 'Hidden',
  goldField: 'Trusted labels (gold)',
  planner: 'Order of the queue',
  blind: 'Blind',
  overlap: 'People per item',
  leaseSeconds: 'Reserved for (seconds)',
  wageUsdPerHour: 'Wage per hour',
  aggregator: 'How votes are combined',
};

interface PartProps {
  readonly settings: Settings;
  readonly change: (change: Partial<Settings>) => void;
}

export function ProjectSettings() {
  const edit = useProjectEdit(settingsPart);
  const { name, settings } = edit.value;
  const change = (to: Partial<Settings>) => edit.set({ name, settings: { ...settings, ...to } });
  return (
    <>
      <div className={classes.form}>
        <TextInput
          label="Name"
          maxLength={200}
          value={name}
          error={name.trim() === '' && 'a project needs a name'}
          onChange={(event) => edit.set({ name: event.currentTarget.value, settings })}
        />
        <TargetError settings={settings} change={change} />
        <Confidence settings={settings} change={change} />
      </div>
      <Section title="Fields" note="What labelers and people see of an item">
        <Fields settings={settings} change={change} />
      </Section>
      <Section title="People" note="Who labels what, and how it is counted">
        <PeopleSettings settings={settings} change={change} />
      </Section>
      <Section title="Votes">
        <AggregatorChoice settings={settings} change={change} />
      </Section>
      <SaveBar
        edit={edit}
        problem={name.trim() === '' ? 'A project needs a name' : undefined}
        nameOf={(path) => titles[path.at(-1) ?? ''] ?? path.join(' › ')}
      />
    </>
  );
}

function TargetError({ settings: { targetError }, change }: PartProps) {
  return (
    <NumberInput
      label="Target error"
      description={`At most ${percent(targetError)} of the accepted labels may be wrong. Lower: fewer are accepted, people see more.`}
      suffix=" %"
      min={0.1}
      max={50}
      step={0.5}
      decimalScale={3}
      clampBehavior="blur"
      value={rounded(targetError * 100)}
      onChange={(value) => isNumber(value) && value > 0 && value < 100 && change({ targetError: rounded(value / 100) })}
    />
  );
}

function Confidence({ settings: { confidence }, change }: PartProps) {
  return (
    <NumberInput
      label="Confidence"
      description={`A certificate holds with ${percent(confidence)} probability. Higher: it takes more audits.`}
      suffix=" %"
      min={51}
      max={99.9}
      step={1}
      decimalScale={2}
      clampBehavior="blur"
      value={rounded(confidence * 100)}
      onChange={(value) => isNumber(value) && value > 50 && value < 100 && change({ confidence: rounded(value / 100) })}
    />
  );
}

function Fields({ settings, change }: PartProps) {
  const project = useProject();
  const sample = useQuery({
    queryKey: [...keys.items(project.id), 'fields'],
    enabled: project.items > 0,
    queryFn: () => api.queryItems({ params: { project: project.id }, body: { limit: 20 } }),
  });
  const { textFields, metadataFields, hiddenFields, goldField } = settings;
  const seen = sample.data?.rows.flatMap(({ fields }) => Object.keys(fields)) ?? [];
  const known = [...new Set([...seen, ...textFields, ...metadataFields, ...hiddenFields, ...(goldField ? [goldField] : [])])];
  return (
    <div className={classes.form}>
      <TagsInput
        label="Read as text"
        description="In the order of showing. None: the field “text”, else every field that holds text."
        data={known}
        value={[...textFields]}
        onChange={(fields) => change({ textFields: fields })}
      />
      <TagsInput
        label="Shown beside the item"
        data={known}
        value={[...metadataFields]}
        onChange={(fields) => change({ metadataFields: fields })}
      />
      <TagsInput
        label="Hidden"
        description="Seen by no labeler and no annotator."
        data={known}
        value={[...hiddenFields]}
        onChange={(fields) => change({ hiddenFields: fields })}
      />
      <Select
        label="Trusted labels (gold)"
        description="Used only to score labelers; hidden as well."
        placeholder="no such field"
        clearable
        data={known}
        value={goldField ?? null}
        onChange={(field) => change({ goldField: field ?? undefined })}
      />
    </div>
  );
}

const orders = [
  { value: 'uncertainty', label: 'Most uncertain first' },
  { value: 'random', label: 'Random: good for an honest sample' },
  { value: 'oldest', label: 'In the order of the file' },
];

function PeopleSettings({ settings, change }: PartProps) {
  const { planner, overlap, blind, leaseSeconds, wageUsdPerHour } = settings;
  return (
    <div className={classes.form}>
      <Select
        label="Order of the queue"
        data={orders}
        value={planner}
        allowDeselect={false}
        onChange={(value) => value && change({ planner: value as Settings['planner'] })}
      />
      <Switch
        label="Blind: people do not see what the machine thinks"
        checked={blind}
        onChange={(event) => change({ blind: event.currentTarget.checked })}
      />
      <div className={classes.pair}>
        <NumberInput
          label="People per item"
          description="How many label the same item"
          min={1}
          max={20}
          allowDecimal={false}
          value={overlap}
          onChange={(value) => isNumber(value) && value >= 1 && value <= 20 && change({ overlap: value })}
        />
        <NumberInput
          label="Reserved for (seconds)"
          description={`An item goes back to the queue after ${duration(leaseSeconds)}`}
          min={30}
          max={86_400}
          step={60}
          allowDecimal={false}
          clampBehavior="blur"
          value={leaseSeconds}
          onChange={(value) => isNumber(value) && value >= 30 && value <= 86_400 && change({ leaseSeconds: value })}
        />
        <NumberInput
          label="Wage per hour"
          description="What an hour of labeling costs"
          prefix="$"
          min={0}
          decimalScale={2}
          value={wageUsdPerHour}
          onChange={(value) => isNumber(value) && value >= 0 && change({ wageUsdPerHour: value })}
        />
      </div>
    </div>
  );
}

function AggregatorChoice({ settings: { aggregator }, change }: PartProps) {
  const techniques = useQuery({ queryKey: ['techniques'], staleTime: Number.POSITIVE_INFINITY, queryFn: () => api.listTechniques({}) });
  const known = techniques.data?.aggregators ?? [];
  const data = [
    { value: 'auto', label: 'Chosen by evidence' },
    ...known.map(({ name, title }) => ({ value: name, label: title })),
    ...(aggregator === 'auto' || known.some(({ name }) => name === aggregator) ? [] : [{ value: aggregator, label: aggregator }]),
  ];
  return (
    <Select
      maw={560}
      label="How votes are combined"
      description={
        known.find(({ name }) => name === aggregator)?.summary ?? 'The method that predicts held-out gold best, where there is some.'
      }
      data={data}
      value={aggregator}
      allowDeselect={false}
      onChange={(value) => value && change({ aggregator: value })}
    />
  );
}

function isNumber(value: number | string): value is number {
  return typeof value === 'number';
}

/** 0.07 · 100 is 7.000000000000001. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
