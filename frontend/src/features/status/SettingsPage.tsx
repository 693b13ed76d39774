import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '../../api/session'
import { statusQuery } from '../../api/status'
import { singleKeysSetting } from '../../app/commands'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { Card } from '../../components/Card'
import { SegmentedControl, Switch } from '../../components/Field'
import { ErrorMessage, Note } from '../../components/Note'
import { StatusText } from '../../components/Status'
import { type ThemeChoice, themeNames, useTheme } from '../../lib/theme'
import { useRemembered } from '../../lib/useRemembered'
import styles from './SettingsPage.module.css'
import { TrashSection } from './TrashSection'

/** One's own settings, what the studio runs on, and the trash. */
export function SettingsPage() {
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Settings' }]} />
      <Page title="Settings">
        <div className={styles.sections}>
          <Appearance />
          <StudioStatus />
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
          <dl className={styles.facts}>
            <dt>Isolation</dt>
            <dd>{kinds[status.isolation_kind] ?? status.isolation_kind}</dd>
            <dt>Memory limit by</dt>
            <dd>{status.memory_limit}</dd>
            <dt>Network</dt>
            <dd>{status.network}</dd>
            <dt>Version</dt>
            <dd>{status.version}</dd>
            <dt>Python</dt>
            <dd>{status.python}</dd>
            <dt>Database</dt>
            <dd>{status.database}</dd>
            {status.share && (
              <>
                <dt>Share</dt>
                <dd className="mono">{status.share}</dd>
              </>
            )}
          </dl>
        </>
      )}
    </Card>
  )
}
