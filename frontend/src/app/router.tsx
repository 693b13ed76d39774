import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { queryClient } from '../api/queryClient'
import { sessionQuery } from '../api/session'
import type { ChangesSearch } from '../features/git/place'
import type { HistorySearch } from '../features/history/HistoryPage'
import { basePath } from '../lib/base'
import { Frame } from './Frame'
import { NotFoundPage, PageFailed, PagePending } from './PageStates'

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet })

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const SignInPage = lazyRouteComponent(() => import('../features/sign-in/SignInPage'), 'SignInPage')

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { next?: string | undefined; problem?: string | undefined } => ({
    next: textOf(search.next),
    problem: textOf(search.problem),
  }),
  component: function SignIn() {
    const { next, problem } = signIn.useSearch()
    return <SignInPage next={next} problem={problem} />
  },
})

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (!session) throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } })
  },
})

const home = createRoute({
  getParentRoute: () => frame,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/flows', replace: true })
  },
})

const flows = createRoute({ getParentRoute: () => frame, path: '/flows' })

const flowList = createRoute({
  getParentRoute: () => flows,
  path: '/',
  validateSearch: (search): { create?: string | undefined } => ({ create: textOf(search.create) }),
  component: lazyRouteComponent(() => import('../features/flows/FlowsPage'), 'FlowsPage'),
})

const AuthoringPage = lazyRouteComponent(() => import('../features/authoring/AuthoringPage'), 'AuthoringPage')

const flow = createRoute({
  getParentRoute: () => flows,
  path: '$',
  validateSearch: (search): ChangesSearch => search,
  // With `preload`, a link's hover or focus already fetches the page's code.
  component: Object.assign(
    function Flow() {
      const path = flow.useParams()._splat ?? ''
      return <AuthoringPage key={path} path={path} />
    },
    { preload: AuthoringPage.preload },
  ),
})

const runs = createRoute({
  getParentRoute: () => frame,
  path: '/runs',
  component: lazyRouteComponent(() => import('../features/places/RunsPage'), 'RunsPage'),
})

const endpoints = createRoute({
  getParentRoute: () => frame,
  path: '/endpoints',
  component: lazyRouteComponent(() => import('../features/places/EndpointsPage'), 'EndpointsPage'),
})

const connections = createRoute({
  getParentRoute: () => frame,
  path: '/connections',
  validateSearch: (search): { open?: string | undefined; create?: string | undefined } => ({
    open: textOf(search.open),
    create: textOf(search.create),
  }),
  component: lazyRouteComponent(() => import('../features/connections/ConnectionsPage'), 'ConnectionsPage'),
})

const FilesPage = lazyRouteComponent(() => import('../features/files/FilesPage'), 'FilesPage')

const files = createRoute({ getParentRoute: () => frame, path: '/files' })

const share = createRoute({
  getParentRoute: () => files,
  path: '/',
  component: () => <FilesPage path={null} />,
})

const file = createRoute({
  getParentRoute: () => files,
  path: '$',
  component: function File() {
    return <FilesPage path={file.useParams()._splat || null} />
  },
})

const HistoryPage = lazyRouteComponent(() => import('../features/history/HistoryPage'), 'HistoryPage')

const history = createRoute({
  getParentRoute: () => frame,
  path: '/history/$',
  validateSearch: (search): HistorySearch => ({
    version: textOf(search.version),
    against: textOf(search.against),
    show: search.show === 'content' ? 'content' : undefined,
  }),
  component: function History() {
    const path = history.useParams()._splat ?? ''
    return <HistoryPage key={path} path={path} search={history.useSearch()} />
  },
})

const TerminalsPage = lazyRouteComponent(() => import('../features/terminal/TerminalsPage'), 'TerminalsPage')

const terminals = createRoute({
  getParentRoute: () => frame,
  path: '/terminals',
  validateSearch: (search): { folder?: string | undefined } => ({ folder: textOf(search.folder) }),
  component: function Terminals() {
    return <TerminalsPage folder={terminals.useSearch().folder} />
  },
})

const GitPage = lazyRouteComponent(() => import('../features/git/pages'), 'GitPage')

const repository = createRoute({
  getParentRoute: () => frame,
  path: '/repository/$',
  validateSearch: (search): ChangesSearch => search,
  component: function Repository() {
    const path = repository.useParams()._splat ?? ''
    return <GitPage key={path} path={path} search={repository.useSearch()} />
  },
})

const space = createRoute({
  getParentRoute: () => frame,
  path: '/space',
  component: lazyRouteComponent(() => import('../features/space/SpacePage'), 'SpacePage'),
})

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/status/SettingsPage'), 'SettingsPage'),
})

const people = createRoute({
  getParentRoute: () => frame,
  path: '/settings/people',
  component: lazyRouteComponent(() => import('../features/people/PeoplePage'), 'PeoplePage'),
})

const account = createRoute({
  getParentRoute: () => frame,
  path: '/settings/account',
  component: lazyRouteComponent(() => import('../features/account/AccountPage'), 'AccountPage'),
})

const audit = createRoute({
  getParentRoute: () => frame,
  path: '/settings/audit',
  component: lazyRouteComponent(() => import('../features/audit/AuditPage'), 'AuditPage'),
})

const nothing = createRoute({ getParentRoute: () => frame, path: '$', component: NotFoundPage })

const routeTree = root.addChildren([
  signIn,
  frame.addChildren([
    home,
    flows.addChildren([flowList, flow]),
    runs,
    endpoints,
    connections,
    files.addChildren([share, file]),
    history,
    repository,
    terminals,
    space,
    settings,
    audit,
    people,
    account,
    nothing,
  ]),
])

export const router = createRouter({
  routeTree,
  basepath: basePath || '/',
  context: { queryClient },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFoundPage,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
