import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery } from '../../api/session'
import { type Space, spaceQuery } from '../../api/space'
import { Page } from '../../app/Page'
import { Breadcrumb } from '../../app/TopBar'
import { Card } from '../../components/Card'
import { ErrorMessage } from '../../components/Note'
import { Skeleton } from '../../components/Skeleton'
import { formatBytes } from '../../lib/format'
import { useDelayed } from '../../lib/useDelayed'
import { FlowUses } from './FlowUses'
import { KindUses } from './KindUses'
import styles from './SpacePage.module.css'
import { UserUses } from './UserUses'

const about = 'What takes up room, and what can go. It is measured each time this page is opened.'

/** Use by kind, user and flow, with what frees some of it. */
export function SpacePage() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const { data: space, error, isPending, refetch } = useQuery(spaceQuery)
  const isSlow = useDelayed(isPending)
  if (!session) return null
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Settings', to: '/settings' }, { label: 'Space' }]} />
      <Page title="Space" about={about}>
        {error && <ErrorMessage error={error} title="The use could not be measured." onRetry={() => void refetch()} />}
        {isSlow && <Skeleton width="100%" height={240} />}
        {space && (
          <>
            <div className={styles.sections}>
              <Disk space={space} me={session.username} />
              <KindUses space={space} me={session.username} isAdmin={session.role === 'admin'} />
            </div>
            {space.users.length > 1 && <UserUses users={space.users} quota={space.quota} />}
            <FlowUses users={space.users} me={session.username} isAdmin={session.role === 'admin'} />
          </>
        )}
      </Page>
    </>
  )
}

function Disk({ space, me }: { space: Space; me: string }) {
  const { storage, quota, flow_quota: flowQuota } = space
  const mine = space.users.find((user) => user.username === me)
  const used = mine ? mine.files.bytes + mine.trash.bytes : 0
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="disk">
      <h2 id="disk" className={styles.title}>
        Disk
      </h2>
      <Meter
        label="Disk of the share"
        value={storage.total - storage.free}
        total={storage.total}
        isFull={storage.read_only}
      >
        {formatBytes(storage.free)} free of {formatBytes(storage.total)}
      </Meter>
      {quota !== null && (
        <Meter label="Your quota" value={used} total={quota} isFull={used >= quota}>
          {formatBytes(used)} of your {formatBytes(quota)}
        </Meter>
      )}
      {quota === null && <p className="secondary">You take {formatBytes(used)}. There is no quota for one user.</p>}
      {flowQuota !== null && <p className="secondary">One flow may take {formatBytes(flowQuota)}.</p>}
    </Card>
  )
}

interface MeterProps {
  label: string
  value: number
  total: number
  isFull: boolean
  /** The same in words. */
  children: React.ReactNode
}

export function Meter({ label, value, total, isFull, children }: MeterProps) {
  return (
    <div className={styles.meter}>
      <meter
        className={styles.bar}
        aria-label={label}
        min={0}
        max={Math.max(1, total)}
        value={Math.min(value, total)}
        data-full={isFull || undefined}
      />
      <span className="secondary small">{children}</span>
    </div>
  )
}
