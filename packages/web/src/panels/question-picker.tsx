import { NativeSelect, SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useProject, useQuestion } from '../state/project.ts';

/** Above this, titles side by side do not fit. */
const mostCharacters = 60;

/** Which question the figures of the page are about. With one question, there is nothing to pick and nothing to see. */
export function QuestionPicker() {
  const { questions } = useProject().schema;
  const chosen = useQuestion();
  const navigate = useNavigate();
  if (questions.length < 2) return null;
  const choose = (id: string) =>
    // What else is in the URL may be of the question before: filters, rules, an item.
    void navigate({ to: '.', search: ({ tab }) => ({ tab, question: id === questions[0].id ? undefined : id }), replace: true });
  const data = questions.map(({ id, title }) => ({ value: id, label: title }));
  const isShort = data.reduce((sum, { label }) => sum + label.length, 0) <= mostCharacters;
  return isShort ? (
    <SegmentedControl aria-label="Question" size="xs" data={data} value={chosen.id} onChange={choose} />
  ) : (
    <NativeSelect
      aria-label="Question"
      size="xs"
      maw={280}
      data={data}
      value={chosen.id}
      onChange={(event) => choose(event.currentTarget.value)}
    />
  );
}
