import type { ReactNode } from 'react';
import type { Technique } from '../../state/labelers.ts';
import type { Options } from '../../state/labeler-draft.ts';

/** What every form of a technique gets. `faultAt` says what is wrong with the option at a path: `rules.0.label`. */
export interface LabelerFormProps {
  readonly technique: Technique;
  readonly value: Options;
  readonly onChange: (value: Options) => void;
  readonly faultAt: (path: string) => ReactNode;
}
