import type { Project } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { useSearch } from '@tanstack/react-router';
import { createContext, useContext } from 'react';

export const ProjectContext = createContext<Project | undefined>(undefined);

export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (!project) throw new Error('useProject is for pages inside the project frame');
  return project;
}

/** The question that the page is about: that of the URL, else the first. */
export function useQuestion(): SchemaJson['questions'][number] {
  const { questions } = useProject().schema;
  const { question } = useSearch({ strict: false });
  return questions.find(({ id }) => id === question) ?? questions[0];
}

/** Where there are several questions, the one that the page is about: what is asked for belongs to it alone, in the cache as well. */
export function useAskedQuestion(): string | undefined {
  const { id } = useQuestion();
  return useProject().schema.questions.length > 1 ? id : undefined;
}

const order = ['owner', 'manager', 'reviewer', 'annotator', 'viewer'];

/** Each role may do all that the ones after it may. The server decides; this only hides what would be refused. */
export function useMay(role: Project['role']): boolean {
  return order.indexOf(useProject().role) <= order.indexOf(role);
}
