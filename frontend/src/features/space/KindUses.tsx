import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { deleteCaches, type Space, type Use } from '../../api/space'
import { Button, buttonClass } from '../../components/Button'
import { Card } from '../../components/Card'
import { toast } from '../../components/Toasts'
import { counted, formatBytes } from '../../lib/format'
import { EmptyTrashDialog } from './EmptyTrashDialog'
import styles from './SpacePage.module.css'

interface KindUsesProps {
  space: Space
  me: string
  isAdmin: boolean
}

const kinds: Record<string, { label: string; about: string }> = {
  files: { label: 'Files', about: 'Flows and everything beside them' },
  trash: { label: 'Trash', about: 'Deleted in the last 30 days' },
  history: { label: 'History', about: 'Earlier versions of files' },
  runs: { label: 'Runs', about: 'Inputs, outputs, traces and logs' },
  environments: { label: 'Environments', about: 'Packages that flows need' },
  uploads: { label: 'Uploads', about: 'Files that are still coming in' },
}

/** Use by kind, the largest first, with what frees some of it. */
export function KindUses({ space, me, isAdmin }: KindUsesProps) {
  const [isEmptying, setEmptying] = useState(false)
  const rows = Object.entries(space.kinds).sort(([, one], [, other]) => other.bytes - one.bytes)
  const total = rows.reduce((sum, [, use]) => sum + use.bytes, 0)
  const user = space.users.find((each) => each.username === me)
  const mine = user?.trash
  const actions: Record<string, ReactNode> = {
    files: <CachesButton owner={me} caches={user?.caches} />,
    trash: (
      <Button
        size="small"
        disabledReason={mine?.files ? null : 'Nothing of yours is in the trash.'}
        onClick={() => setEmptying(true)}
      >
        {isAdmin ? 'Empty my trash' : 'Empty trash'}
      </Button>
    ),
    history: isAdmin && <RetentionLink />,
  }
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="kinds">
      <h2 id="kinds" className={styles.title}>
        By kind
      </h2>
      <div className={styles.stack} aria-hidden>
        {rows.map(([kind, use]) => (
          <span key={kind} data-use={kind} style={{ flexGrow: use.bytes }} />
        ))}
      </div>
      <KindTable rows={rows} total={total} actions={actions} />
      {isEmptying && mine && <EmptyTrashDialog owner={me} use={mine} isMine onClose={() => setEmptying(false)} />}
    </Card>
  )
}

interface KindTableProps {
  rows: readonly (readonly [string, Use])[]
  total: number
  actions: Readonly<Record<string, ReactNode>>
}

function KindTable({ rows, total, actions }: KindTableProps) {
  return (
    <table className={styles.kinds}>
      <caption className="visually-hidden">Use by kind</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Files</th>
          <th scope="col">Size</th>
          <th scope="col">Action</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([kind, use]) => (
          <tr key={kind}>
            <th scope="row">
              <span className={styles.dot} data-use={kind} aria-hidden />
              <span>
                {kinds[kind]?.label ?? kind}
                <span className="small secondary"> {kinds[kind]?.about}</span>
              </span>
            </th>
            <td className="secondary number">{counted(use.files, 'file')}</td>
            <td className="number">{formatBytes(use.bytes)}</td>
            <td className={styles.action}>{actions[kind]}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Together</th>
          <td />
          <td className="number">{formatBytes(total)}</td>
          <td />
        </tr>
      </tfoot>
    </table>
  )
}

/** Caches come back by themselves, so nobody has to confirm. */
function CachesButton({ owner, caches }: { owner: string; caches: Use | undefined }) {
  const deleting = useMutation({
    mutationFn: () => deleteCaches(owner),
    onSuccess: (gone) =>
      toast.say(`${formatBytes(gone.bytes)} of caches deleted. They come back when they are needed.`),
    onError: (error) => toast.fail(error, 'The caches were not deleted. '),
  })
  return (
    <Button
      size="small"
      busy={deleting.isPending}
      disabledReason={caches?.files ? null : 'Your files hold no caches.'}
      onClick={() => deleting.mutate()}
    >
      Delete my caches
    </Button>
  )
}

function RetentionLink() {
  return (
    <Link to="/settings" hash="retention" className={buttonClass('default', 'small')}>
      Set retention
    </Link>
  )
}
