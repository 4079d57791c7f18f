import type { ItemFilter } from '@labelwright/contract/items';
import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { EmptyState } from '../design/notices.tsx';
import { ItemExplorer, type ExploreSearch } from '../panels/item-explorer.tsx';
import { useMay, useProject } from '../state/project.ts';

const everything: ItemFilter = {};

/** All items in one table: look for some, see why the machine says what it says, label many at once. */
export function ExplorePage() {
  const { id, items } = useProject();
  const mayExplore = useMay('reviewer');
  const search = useSearch({ from: '/projects/$project/explore' });
  const navigate = useNavigate({ from: '/projects/$project/explore' });
  if (!mayExplore) {
    return <EmptyState title="Explore is for reviewers">Ask a manager of this project if you should see all of its items.</EmptyState>;
  }
  if (items === 0) {
    return (
      <EmptyState
        title="There is nothing to explore yet"
        action={
          <Button component={Link} to={`/projects/${id}/import`}>
            Import items
          </Button>
        }
      >
        Every item is a row here: search for words, filter by what the labelers voted, select rows and label them all at once.
      </EmptyState>
    );
  }
  const change = (part: Partial<ExploreSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });
  return <ItemExplorer filter={search.filter ?? everything} sort={search.sort ?? 'position'} item={search.item} onChange={change} />;
}
