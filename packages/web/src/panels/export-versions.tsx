import type { Exported } from '@labelwright/contract/exports';
import { urlOf } from '@labelwright/contract/client';
import { exportRoutes } from '@labelwright/contract/exports';
import { ActionIcon, Button, CopyButton, Progress, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { Moment } from '../design/moment.tsx';
import { count } from '../design/numbers.tsx';
import { Prose } from '../design/prose.tsx';
import { useRowKeys } from '../design/row-keys.ts';
import { sizeOf } from '../design/sizes.ts';
import { isBeingMade } from '../state/exports.ts';
import classes from './export-versions.module.css';

/** Versions as a timeline, newest first. */
export function ExportVersions({ project, versions }: { project: number; versions: readonly Exported[] }) {
  const rows = useRowKeys<HTMLOListElement>();
  return (
    <ol className={classes.versions} ref={rows} reversed aria-label="Versions">
      {versions.map((version) => (
        <Version key={version.id} project={project} version={version} />
      ))}
    </ol>
  );
}

function Version({ project, version }: { project: number; version: Exported }) {
  const { number, state, format, items, sizeBytes, sha256, losses, card, error, person, createdAt } = version;
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <li className={classes.version} data-state={state}>
      <div className={classes.head}>
        <span className={classes.name}>Version {number}</span>
        <span>{format}</span>
        {state === 'done' && (
          <span className={classes.note}>
            {count(items)} items{sizeBytes !== null && ` · ${sizeOf(sizeBytes)}`}
          </span>
        )}
        <span className={classes.note}>
          {person}, <Moment time={createdAt} />
        </span>
        <span className={classes.actions}>
          {card !== null && (
            <Button
              variant="subtle"
              color="gray"
              data-row
              onClick={() => setOpen(!isOpen)}
              aria-expanded={isOpen}
              aria-controls={id}
              aria-label={`Data set card of version ${number}`}
            >
              Data set card
            </Button>
          )}
          {state === 'done' && <Download project={project} version={version} />}
        </span>
      </div>
      {isBeingMade(version) && <BeingMade number={number} state={state} />}
      {state === 'failed' && (
        <Text c="var(--lw-error)" mt="xs">
          {error ?? 'It could not be made and did not say why: see the log of the server.'} Nothing is lost: create it again.
        </Text>
      )}
      {sha256 !== null && <Hash sha256={sha256} />}
      {losses.length > 0 && (
        <ul className={classes.losses} aria-label={`What version ${number} lost`}>
          {losses.map(({ what }) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      )}
      {isOpen && card !== null && (
        <div id={id} className={classes.card}>
          <Prose>{card}</Prose>
        </div>
      )}
    </li>
  );
}

function Download({ project, version: { id, number, fileName } }: { project: number; version: Exported }) {
  return (
    <Button
      component="a"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      href={urlOf(exportRoutes.downloadExport, { params: { project, export: id } })}
      download={fileName ?? true}
      aria-label={`Download version ${number}`}
    >
      Download
    </Button>
  );
}

/** The server tells no share of it: what moves only says that it works. */
function BeingMade({ number, state }: { number: number; state: Exported['state'] }) {
  return (
    <div className={classes.bar}>
      <Progress value={100} size={8} animated striped color="gray" aria-label={`Making version ${number}`} />
      <Text size="xs" c="dimmed" mt={4}>
        {state === 'queued' ? 'waiting for its turn' : 'being written'}; you may leave this page
      </Text>
    </div>
  );
}

function Hash({ sha256 }: { sha256: string }) {
  return (
    <div className={classes.hash}>
      <span>SHA-256</span>
      <code>{sha256}</code>
      <CopyButton value={sha256}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" size={24} onClick={copy} aria-label={copied ? 'Copied' : 'Copy the SHA-256'}>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}
