import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keys } from '../api.ts';
import { LabelChip } from '../design/label-chip.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { count, percent } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { showFault } from '../design/toasts.tsx';
import { addSuggestion, type Suggestion } from '../state/labelers.ts';
import { useProject, useQuestion } from '../state/project.ts';

const shownAtOnce = 12;

/** Terms that separate what is believed so far: each is a rule by one click. */
export function RuleSuggestions({ names }: { names: ReadonlySet<string> }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const [made, setMade] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState(shownAtOnce);
  const suggestions = useQuery({
    queryKey: [...keys.labelers(project), 'suggestions', question.id],
    queryFn: () => api.suggestRules({ params: { project }, query: { question: question.id } }),
    staleTime: 60_000,
  });
  const keyOf = ({ term, label }: Suggestion) => `${term} ${label}`;
  const make = async (suggestion: Suggestion) => {
    setMade(new Set([...made, keyOf(suggestion)]));
    try {
      await addSuggestion(project, question.id, suggestion, names);
    } catch (error) {
      setMade((now) => new Set([...now].filter((key) => key !== keyOf(suggestion))));
      showFault(error);
    }
  };
  const left = suggestions.data?.filter((each) => !made.has(keyOf(each)) && !names.has(`${each.term} → ${each.label}`));
  return (
    <Section title="Suggested rules" note="terms that best separate the labels as they are believed now">
      {suggestions.error && <ErrorNotice error={suggestions.error} retry={() => void suggestions.refetch()} />}
      {left?.length === 0 && <Text c="dimmed">Suggestions come with the first run, and after a few answers by people.</Text>}
      {left && left.length > 0 && (
        <div className={page.scroll}>
          <table className={page.table} aria-label="Suggested rules">
            <thead>
              <tr>
                <th scope="col">Term</th>
                <th scope="col">Says</th>
                <th scope="col" data-number>
                  Covers
                </th>
                <th scope="col" data-number>
                  Right, as believed now
                </th>
                <th scope="col">
                  <span className="lw-hidden">Make it a rule</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {left.slice(0, shown).map((each) => (
                <tr key={keyOf(each)}>
                  <td>
                    <code>{each.term}</code>
                  </td>
                  <td>
                    <LabelChip question={question} label={each.label} />
                  </td>
                  <td data-number>
                    {percent(each.coverage)}{' '}
                    <Text span size="xs" c="dimmed">
                      {count(each.n)} items
                    </Text>
                  </td>
                  <td data-number>{percent(each.precision)}</td>
                  <td data-number>
                    <Button
                      variant="subtle"
                      renderRoot={(props) => (
                        <Link
                          to="/projects/$project/labelers"
                          params={{ project }}
                          search={{ add: 'keywords', term: each.term, label: each.label }}
                          {...props}
                        />
                      )}
                    >
                      Look first
                    </Button>
                    <Button variant="default" aria-label={`Make a rule of ${each.term}`} onClick={() => void make(each)}>
                      Make a rule
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {left.length > shown && (
            <Button mt="sm" variant="subtle" color="gray" onClick={() => setShown(shown + shownAtOnce)}>
              More
            </Button>
          )}
        </div>
      )}
    </Section>
  );
}
