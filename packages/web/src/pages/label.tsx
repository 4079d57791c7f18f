import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { EmptyState } from '../design/notices.tsx';
import { LabelDesk } from '../panels/label-desk.tsx';
import { useMay, useProject, useQuestion } from '../state/project.ts';
import { useWorkbench } from '../state/use-workbench.ts';
import type { Order } from '../state/queue-supply.ts';
import type { Workbench } from '../state/workbench.ts';

/** The labeling workbench: one item after the other, by keyboard. */
export function LabelPage() {
  const { id, items } = useProject();
  const mayLabel = useMay('annotator');
  const { audit } = useSearch({ from: '/projects/$project/label' });
  const question = useQuestion();
  if (items === 0) {
    return (
      <EmptyState
        title="There is nothing to label yet"
        action={
          <Button component={Link} to={`/projects/${id}/import`}>
            Import items
          </Button>
        }
      >
        Bring a table or a list of texts, and the first one is here a moment later: press 1, 2, 3 to choose, Enter for the next.
      </EmptyState>
    );
  }
  if (!mayLabel) return <EmptyState title="You may look, not label">Ask a manager of this project to make you an annotator.</EmptyState>;
  return <Desk key={`${audit} ${question.id}`} />;
}

function Desk() {
  const question = useQuestion();
  const { settings, schema } = useProject();
  const search = useSearch({ from: '/projects/$project/label' });
  const navigate = useNavigate({ from: '/projects/$project/label' });
  const workbench = useWorkbench(question, search.order, search.item, search.audit);
  useItemInUrl(
    workbench,
    search.item,
    (item) => void navigate({ search: (before) => ({ ...before, item }), replace: true, resetScroll: false }),
  );
  const changeOrder = (order: Order, of: string) => {
    const asked = order === settings.planner ? undefined : order;
    if (of !== question.id) {
      // Another question is another queue.
      void navigate({ search: { order: asked, question: of === schema.questions[0].id ? undefined : of } });
      return;
    }
    void workbench?.setOrder(order);
    void navigate({ search: (before) => ({ ...before, order: asked }), replace: true });
  };
  return (
    <LabelDesk
      key={workbench ? 'ready' : 'starting'}
      workbench={workbench}
      question={question}
      audit={search.audit}
      order={search.order ?? settings.planner}
      onOrder={changeOrder}
    />
  );
}

/** The item that is looked at is in the URL; a URL that names another one (a link, the browser's back) leads there. */
function useItemInUrl(workbench: Workbench | undefined, item: number | undefined, write: (item: number | undefined) => void): void {
  const written = useRef(item);
  const latest = useRef(write);
  useEffect(() => {
    latest.current = write;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = () => {
      const current = workbench?.get().bench.current ?? undefined;
      if (current === written.current || workbench?.get().phase === 'loading') return;
      written.current = current;
      // After the screen: the next item must not wait for the address bar.
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(current), 150);
    };
    const stop = workbench?.subscribe(follow);
    return () => {
      clearTimeout(timer);
      stop?.();
    };
  }, [workbench]);
  useEffect(() => {
    if (!workbench || item === undefined || item === written.current) return;
    written.current = item;
    void workbench.open(item);
  }, [workbench, item]);
}
