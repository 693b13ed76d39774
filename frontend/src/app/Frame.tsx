import {
  IconAdjustmentsHorizontal,
  IconBroadcast,
  IconCirclePlay,
  IconFolder,
  IconHelpCircle,
  IconPlug,
} from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { onSignedOutElsewhere, sessionQuery, signOut } from '../api/session'
import { Avatar } from '../components/Avatar'
import { FlowIcon } from '../components/FlowIcon'
import { Menu } from '../components/Menu'
import { Note } from '../components/Note'
import { Toasts, toast } from '../components/Toasts'
import { Tooltip } from '../components/Tooltip'
import { ReadOnlyBanner } from '../features/space/ReadOnlyBanner'
import { address } from '../lib/base'
import { type ThemeChoice, themeNames, useTheme } from '../lib/theme'
import { handleCommandKey } from './commands'
import styles from './Frame.module.css'
import { FrameDialogs } from './FrameDialogs'
import { Logo } from './Logo'
import { openKeys } from './paletteState'
import { places } from './places'
import { SignInAgain } from './SignInAgain'
import { TopBar } from './TopBar'
import { useFrameCommands } from './useFrameCommands'

const placeIcons = {
  '/flows': FlowIcon,
  '/runs': IconCirclePlay,
  '/endpoints': IconBroadcast,
  '/connections': IconPlug,
  '/files': IconFolder,
}

function leave(): void {
  location.assign(address('/sign-in'))
}

function Places() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const isAt = (to: string) => path === to || path.startsWith(`${to}/`)
  return (
    <ul>
      {places.map(({ to, label }) => {
        const Icon = placeIcons[to]
        return (
          <li key={to}>
            <Tooltip label={label}>
              <Link to={to} aria-label={label} aria-current={isAt(to) ? 'page' : undefined} className={styles.place}>
                <Icon size={18} stroke={1.5} aria-hidden />
              </Link>
            </Tooltip>
          </li>
        )
      })}
    </ul>
  )
}

function Rail({ username, role, onSkip }: { username: string; role: string; onSkip: () => void }) {
  const choice = useTheme((state) => state.choice)
  const choose = useTheme((state) => state.choose)
  const navigate = useNavigate()
  const leaveStudio = () => signOut().then(leave, (error) => toast.fail(error))
  return (
    <nav aria-label="Main" className={styles.rail}>
      <button type="button" className={styles.skip} onClick={onSkip}>
        Skip to content
      </button>
      <Logo />
      <Places />
      <span className={styles.space} />
      <Tooltip label="Keys" keys="?">
        <button type="button" aria-label="Keys" className={styles.place} onClick={openKeys}>
          <IconHelpCircle size={18} stroke={1.5} aria-hidden />
        </button>
      </Tooltip>
      <Menu
        position="right-end"
        entries={[
          { heading: 'Theme' },
          {
            options: (Object.keys(themeNames) as ThemeChoice[]).map((value) => ({ value, label: themeNames[value] })),
            value: choice,
            onChoose: (value) => choose(value as ThemeChoice),
          },
          'line',
          { label: 'Space', onSelect: () => void navigate({ to: '/space' }) },
          { label: 'All settings', onSelect: () => void navigate({ to: '/settings' }) },
        ]}
      >
        <button type="button" aria-label="Settings" title="Settings" className={styles.place}>
          <IconAdjustmentsHorizontal size={18} stroke={1.5} aria-hidden />
        </button>
      </Menu>
      <Menu
        position="right-end"
        entries={[
          { heading: `${username} · ${role}` },
          { label: 'Account', onSelect: () => void navigate({ to: '/settings/account' }) },
          { label: 'People', onSelect: () => void navigate({ to: '/settings/people' }) },
          'line',
          { label: 'Sign out', onSelect: leaveStudio },
        ]}
      >
        <button type="button" aria-label={`Account of ${username}`} title={username} className={styles.place}>
          <Avatar name={username} large />
        </button>
      </Menu>
    </nav>
  )
}

/** What stands around every page once someone is signed in. */
export function Frame() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const main = useRef<HTMLElement>(null)
  useFrameCommands()

  useEffect(() => {
    addEventListener('keydown', handleCommandKey)
    const stop = onSignedOutElsewhere(leave)
    return () => {
      removeEventListener('keydown', handleCommandKey)
      stop()
    }
  }, [])

  if (!session) return null
  const { isolation } = session.studio
  return (
    <div className={styles.frame}>
      <Rail username={session.username} role={session.role} onSkip={() => main.current?.focus()} />
      <div className={styles.column}>
        <TopBar />
        {!isolation.active && (
          <section aria-label="Isolation">
            <Note tone="warning" bar>
              {isolation.note ?? 'Flows run without isolation here: run only flows you trust.'}
            </Note>
          </section>
        )}
        <ReadOnlyBanner />
        <main ref={main} tabIndex={-1} className={styles.main}>
          <Outlet />
        </main>
      </div>
      <FrameDialogs />
      <SignInAgain username={session.username} />
      <Toasts />
    </div>
  )
}
