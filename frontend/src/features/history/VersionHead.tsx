import { IconArrowBackUp, IconDots, IconDownload, IconEraser } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { entryQuery } from '../../api/files'
import { type HistoryEntry, versionContentAddress } from '../../api/history'
import { Button, IconButton } from '../../components/Button'
import { SegmentedControl, SelectField } from '../../components/Field'
import { Menu } from '../../components/Menu'
import { Time } from '../../components/Time'
import { download } from '../../lib/download'
import { baseName } from '../../lib/paths'
import type { Against } from './comparison'
import { authorOf, kindOf, optionOf } from './entryWords'
import styles from './HistoryPage.module.css'
import { useReadOnlyReason } from './mayWrite'
import { restoreWithUndo } from './restore'

const RemoveContentDialog = lazy(() =>
  import('./RemoveContentDialog').then((module) => ({ default: module.RemoveContentDialog })),
)

interface VersionHeadProps {
  path: string
  id: string
  /** The version as the timeline tells it; null where that is not loaded. */
  entry: HistoryEntry | null
  isFlow: boolean
}

/** Which version of what is shown, and what can be done with it. */
export function VersionHead({ path, id, entry, isFlow }: VersionHeadProps) {
  const reason = useReadOnlyReason(path)
  const [isRestoring, setRestoring] = useState(false)
  const restore = async () => {
    setRestoring(true)
    await restoreWithUndo(path, { id, at: entry?.at })
    setRestoring(false)
  }
  return (
    <header className={styles.head}>
      <h2 className={`${styles.title} truncate`}>
        <Link to={isFlow ? '/flows/$' : '/files/$'} params={{ _splat: path }}>
          {baseName(path)}
        </Link>
      </h2>
      {entry && (
        <span className="secondary truncate">
          {kindOf(entry)}
          {entry.author && ` by ${authorOf(entry)}`}, <Time at={entry.at} />
          {entry.message && `. ${entry.message}`}
        </span>
      )}
      <span className="grow" />
      <Button
        icon={<IconArrowBackUp size={16} stroke={1.5} aria-hidden />}
        busy={isRestoring}
        disabledReason={reason}
        onClick={() => void restore()}
      >
        Restore
      </Button>
      <MoreActions path={path} id={id} readOnly={reason} />
    </header>
  )
}

function MoreActions({ path, id, readOnly }: { path: string; id: string; readOnly: string | null }) {
  const [isRemoving, setRemoving] = useState(false)
  const { data: now } = useQuery({ ...entryQuery(path), retry: false })
  const isFolder = now?.kind === 'folder'
  const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const
  return (
    <>
      <Menu
        position="bottom-end"
        width={320}
        entries={[
          {
            label: 'Download this version',
            icon: <IconDownload {...icon} />,
            disabledReason: isFolder ? 'Open one of its files.' : null,
            onSelect: () => download(versionContentAddress(path, id)),
          },
          'line',
          {
            label: 'Remove this file’s content from history…',
            icon: <IconEraser {...icon} />,
            danger: true,
            disabledReason: isFolder ? 'Files are removed one by one.' : readOnly,
            onSelect: () => setRemoving(true),
          },
        ]}
      >
        <IconButton label="More for this version" icon={<IconDots {...icon} />} />
      </Menu>
      {isRemoving && (
        <Suspense>
          <RemoveContentDialog path={path} version={id} onClose={() => setRemoving(false)} />
        </Suspense>
      )}
    </>
  )
}

interface VersionToolsProps {
  id: string
  entries: readonly HistoryEntry[]
  show: 'changes' | 'content'
  onShow: (show: 'changes' | 'content') => void
  against: Against
  onAgainst: (against: Against) => void
  /** Controls at the right. */
  end: ReactNode
}

/** What is shown of the version: its content, or how it differs from another. */
export function VersionTools({ id, entries, show, onShow, against, onAgainst, end }: VersionToolsProps) {
  const options = [
    { value: 'before', label: 'The version before' },
    { value: 'now', label: 'What is on disk now' },
    ...entries.filter((entry) => entry.id !== id).map((entry) => ({ value: entry.id, label: optionOf(entry) })),
  ]
  const isKnown = options.some((option) => option.value === against)
  return (
    <div className={styles.tools}>
      <SegmentedControl
        label="Show"
        value={show}
        onChange={onShow}
        options={[
          { value: 'changes', label: 'Changes' },
          { value: 'content', label: 'Content' },
        ]}
      />
      {show === 'changes' && (
        <div className={styles.against}>
          <SelectField
            label="Compare with"
            inline
            size="medium"
            value={against}
            onChange={onAgainst}
            options={isKnown ? options : [...options, { value: against, label: 'An earlier version' }]}
          />
        </div>
      )}
      <span className="grow" />
      {end}
    </div>
  )
}
