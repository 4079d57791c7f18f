import { Skeleton, Text } from '@mantine/core';
import { Later } from '../design/later.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { type ExportChoice, useExportPreview } from '../state/exports.ts';
import classes from './export-sample.module.css';

/** The first lines as they would stand in the file, and all that the format cannot hold. */
export function ExportSample({ project, choice }: { project: number; choice: ExportChoice }) {
  const preview = useExportPreview(project, choice, 0);
  if (preview.error) return <ErrorNotice error={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data) {
    return (
      <Later>
        <Skeleton h={160} aria-label="Loading" />
      </Later>
    );
  }
  const { losses, sample } = preview.data;
  return (
    <>
      {losses.length > 0 && (
        <ul className={classes.losses} aria-label="What this format loses">
          {losses.map(({ what }) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      )}
      {sample === '' ? (
        <Text c="dimmed">This format is not text: open the file to see it.</Text>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <pre className={classes.sample} tabIndex={0} aria-label="Sample of the output" role="region">
          {sample}
        </pre>
      )}
    </>
  );
}
