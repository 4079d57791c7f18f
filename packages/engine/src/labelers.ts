import type { AnyComputedLabeler } from '@labelwright/core/labelers/labeler';
import { labelers as pureLabelers } from '@labelwright/core/labelers/index';
import functionLabeler from './runtimes/function.ts';

/** All computed labelers: those of core and those that need Node. */
export const labelers: readonly AnyComputedLabeler[] = [...pureLabelers, functionLabeler];
