import type { Project } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { createContext, useContext } from 'react';

export const ProjectContext = createContext<Project | undefined>(undefined);

export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (!project) throw new Error('useProject is for pages inside the project frame');
  return project;
}

/** The question that the page is about: the first, until a page lets the user choose. */
export function useQuestion(): SchemaJson['questions'][number] {
  return useProject().schema.questions[0];
}

const order = ['owner', 'manager', 'reviewer', 'annotator', 'viewer'];

/** Each role may do all that the ones after it may. The server decides; this only hides what would be refused. */
export function useMay(role: Project['role']): boolean {
  return order.indexOf(useProject().role) <= order.indexOf(role);
}
