import { sort as itemSort } from '@labelwright/contract/items';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, retainSearchParams } from '@tanstack/react-router';
import { z } from 'zod';
import { RootFrame } from './frame/root-frame.tsx';
import { ProjectFrame } from './frame/project-frame.tsx';
import { readFilter } from './state/item-filter.ts';

/** What a URL holds that is none of these is left out: an old link opens the page all the same. */
const wholeNumber = z.number().int().optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const yes = z.boolean().optional().catch(undefined);

/** Pages load when they are visited; what they show is in the URL: filters, selection, item, tab. */
const rootRoute = createRootRoute({ component: RootFrame });

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: z.object({ archived: yes }),
  component: lazyRouteComponent(() => import('./pages/home.tsx'), 'HomePage'),
});
const newProjectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/new',
  component: lazyRouteComponent(() => import('./pages/new-project.tsx'), 'NewProjectPage'),
});
const peopleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/people',
  validateSearch: z.object({ tab: z.enum(['account', 'tokens', 'accounts', 'audit']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./pages/people.tsx'), 'PeoplePage'),
});
const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  component: lazyRouteComponent(() => import('./pages/login.tsx'), 'LoginPage'),
});
const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  validateSearch: z.object({ key: text }),
  component: lazyRouteComponent(() => import('./pages/setup.tsx'), 'SetupPage'),
});

export const projectRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/projects/$project',
  params: {
    parse: ({ project }) => ({ project: z.coerce.number().int().positive().parse(project) }),
    stringify: ({ project }) => ({ project: String(project) }),
  },
  // Which question the pages are about goes along from page to page.
  validateSearch: z.object({ question: text }),
  search: { middlewares: [retainSearchParams(['question'])] },
  component: ProjectFrame,
});

const indexRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/projects/$project/overview', params });
  },
});

const overviewRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'overview',
  component: lazyRouteComponent(() => import('./pages/overview.tsx'), 'OverviewPage'),
});
const labelRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'label',
  validateSearch: z.object({
    item: wholeNumber,
    order: z.enum(['uncertainty', 'random', 'oldest']).optional().catch(undefined),
    audit: wholeNumber,
  }),
  component: lazyRouteComponent(() => import('./pages/label.tsx'), 'LabelPage'),
});
const labelersRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'labelers',
  validateSearch: z.object({
    edit: wholeNumber,
    add: text,
    term: text,
    label: text,
    look: wholeNumber,
    tab: z.enum(['ask', 'confidence', 'compare', 'improve', 'slices', 'opinions', 'guidelines']).optional().catch(undefined),
    with: wholeNumber,
  }),
  component: lazyRouteComponent(() => import('./pages/labelers.tsx'), 'LabelersPage'),
});
const exploreRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'explore',
  validateSearch: z.object({
    filter: z.unknown().transform(readFilter).optional(),
    sort: itemSort.optional().catch(undefined),
    item: wholeNumber,
  }),
  component: lazyRouteComponent(() => import('./pages/explore.tsx'), 'ExplorePage'),
});
const qualityRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'quality',
  validateSearch: z.object({ tab: z.enum(['certificate', 'agreement', 'accuracy', 'suspects', 'gold']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./pages/quality.tsx'), 'QualityPage'),
});
const runsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'runs',
  validateSearch: z.object({
    run: wholeNumber,
    question: text,
    before: wholeNumber,
  }),
  component: lazyRouteComponent(() => import('./pages/runs.tsx'), 'RunsPage'),
});
const exportRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'export',
  validateSearch: z.object({
    format: text,
    question: text,
    include: z.enum(['all', 'accepted', 'answered']).optional().catch(undefined),
    votes: yes,
    fields: yes,
    reasons: yes,
  }),
  component: lazyRouteComponent(() => import('./pages/export.tsx'), 'ExportPage'),
});
const importRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'import',
  validateSearch: z.object({ import: wholeNumber }),
  component: lazyRouteComponent(() => import('./pages/import.tsx'), 'ImportPage'),
});
const settingsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: 'settings',
  validateSearch: z.object({
    tab: z.enum(['schema', 'guidelines', 'settings', 'members', 'connections', 'spending']).optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./pages/settings.tsx'), 'SettingsPage'),
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  newProjectRoute,
  peopleRoute,
  loginRoute,
  setupRoute,
  projectRoute.addChildren([
    indexRoute,
    overviewRoute,
    labelRoute,
    labelersRoute,
    exploreRoute,
    qualityRoute,
    runsRoute,
    exportRoute,
    importRoute,
    settingsRoute,
  ]),
]);

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
