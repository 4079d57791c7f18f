import { Skeleton } from '@mantine/core';
import { Later } from '../design/later.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import type { QualityQuery } from '../state/quality.ts';

/** Why there is nothing to see yet. */
export function QualityMissing({ quality }: { quality: QualityQuery }) {
  if (quality.error) return <ErrorNotice error={quality.error} retry={() => void quality.refetch()} />;
  return (
    <Later>
      <div aria-label="Loading" role="img">
        <Skeleton h={60} mb="lg" />
        <Skeleton h={200} />
      </div>
    </Later>
  );
}
