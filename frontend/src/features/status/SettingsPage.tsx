import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment, lazy, Suspense } from 'react'
import { sessionQuery } from '../../api/session'
import { type Status, statusQuery } from '../../api/status'
import { singleKeysSetting } from '../../app/commands'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { buttonClass } from '../../components/Button'
import { Card } from '../../components/Card'
import { SegmentedControl, Switch } from '../../components/Field'
import { ErrorMessage, Note } from '../../components/Note'
import { StatusText } from '../../components/Status'
import { formatBytes } from '../../lib/format'
import { type ThemeChoice, themeNames, useTheme } from '../../lib/theme'
import { useRemembered } from '../../lib/useRemembered'
import { TerminalsSection } from '../terminal/TerminalsSection'
import { RetentionSection } from './RetentionSection'
import styles from './SettingsPage.module.css'
import { TrashSection } from './TrashSection'

const GitSettings = lazy(() => import('../git/GitSettings').then((module) => ({ default: module.GitSettings })))

/** One's own settings, what the studio runs on, and the trash. */
export function SettingsPage() {
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Settings' }]} />
      <Page title="Settings">
        <div className={styles.sections}>
          <div className={styles.column}>
            <Appearance />
            <Accounts />
          </div>
          <StudioStatus />
          <Suspense>
            <GitSettings />
          </Suspense>
          <RetentionSection />
          <TerminalsSection />
          <TrashSection />
        </div>
      </Page>
    </>
  )
}

function Appearance() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const choice = useTheme((state) => state.choice)
  const choose = useTheme((state) => state.choose)
  const [singleKeys, setSingleKeys] = useRemembered(singleKeysSetting, true)
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="appearance">
      <h2 id="appearance" className={styles.title}>
        This browser
      </h2>
      <div>
        <SegmentedControl
          label="Theme"
          value={choice}
          onChange={choose}
          options={(Object.keys(themeNames) as ThemeChoice[]).map((value) => ({ value, label: themeNames[value] }))}
        />
      </div>
      <div>
        <Switch label="Keys without Ctrl or Alt, such as ? and N" checked={singleKeys} onChange={setSingleKeys} />
      </div>
      <dl className={styles.facts}>
        <dt>Signed in as</dt>
        <dd>
          {session?.username} ({session?.role})
        </dd>
        <dt>Your flows</dt>
        <dd className="mono">{session?.studio.share_root}</dd>
      </dl>
    </Card>
  )
}

function Accounts() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="accounts">
      <h2 id="accounts" className={styles.title}>
        Accounts
      </h2>
      <p className="secondary">Your password, sessions and tokens, and who else works here.</p>
      <div className={styles.places}>
        <Link to="/settings/account" className={buttonClass()}>
          Account
        </Link>
        <Link to="/settings/people" className={buttonClass()}>
          People
        </Link>
        {session?.role === 'admin' && (
          <Link to="/settings/audit" className={buttonClass()}>
            Audit log
          </Link>
        )}
      </div>
    </Card>
  )
}

const kinds: Record<string, string> = { bubblewrap: 'bubblewrap', none: 'none' }

function StudioStatus() {
  const { data: status, error, refetch } = useQuery(statusQuery)
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="studio-status">
      <h2 id="studio-status" className={styles.title}>
        Studio
      </h2>
      {error && <ErrorMessage error={error} title="The status could not be read." onRetry={() => void refetch()} />}
      {status && (
        <>
          {status.isolation.active ? (
            <StatusText status="completed">Flows run isolated from this machine and from each other</StatusText>
          ) : (
            <Note tone="warning">{status.isolation.note}</Note>
          )}
          <Facts status={status} />
        </>
      )}
      <div className={styles.places}>
        <Link to="/space" className={buttonClass()}>
          Show space
        </Link>
      </div>
    </Card>
  )
}

function Facts({ status }: { status: Status }) {
  const { free, total } = status.storage
  const facts: [string, string][] = [
    ['Isolation', kinds[status.isolation_kind] ?? status.isolation_kind],
    ['Memory limit by', status.memory_limit],
    ['Network', status.network],
    ['Disk', `${formatBytes(free)} free of ${formatBytes(total)}`],
    ['Version', status.version],
    ['Python', status.python],
    ['Database', status.database],
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
      {status.share && (
        <>
          <dt>Share</dt>
          <dd className="mono">{status.share}</dd>
        </>
      )}
    </dl>
  )
}
